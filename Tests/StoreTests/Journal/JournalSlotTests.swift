import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct JournalSlotTests {
    @Test func whatFitsComesBackAsItWas() throws {
        try withSlot { slot, _ in
            var generator = SeededGenerator(seed: 5)
            for _ in 0..<2000 {
                let record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
                var begun = record
                begun.units = BillableUnits()
                begun.upstreamID = nil
                #expect(slot.progress == nil)
                slot.begin(begun)
                let updates = Int.random(in: 0...3, using: &generator)
                for _ in 0..<updates {
                    begun.units.outputTokens += 1
                    slot.progress(UsageProgress(begun))
                }
                begun.exactness = .interrupted
                begun.ending = .gatewayDied
                begun.cause = .gatewayDied
                begun.refusedBy = nil
                if updates > 0 { begun.endedAt = begun.startedAt }
                begun.backend = nil
                #expect(slot.content(in: .current) == .interrupted(begun))
                #expect(slot.progress == UsageProgress(begun))
                slot.finish(record)
                #expect(slot.progress == nil)
                #expect(slot.content(in: .current) == .finished(record))
                slot.free()
                #expect(slot.content(in: .current) == .nothing)
                slot.write(finished: record)
                #expect(slot.content(in: .current) == .finished(record))
                slot.free()
            }
        }
    }

    /// The process can die after any store. Whatever part of a change was stored, the slot says what was before or after it.
    @Test func everyTornWriteIsBeforeOrAfter() throws {
        var generator = SeededGenerator(seed: 6)
        let old = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        var new = old
        new.units.inputTokens += 1000
        new.units.outputTokens += 1000
        new.cost = NanoEuros(old.cost.amount + 1000)
        new.endedAt = old.endedAt + .seconds(1)
        new.upstreamID = "another"
        new.status = 201
        new.responseBytes += 1
        let changes: [(JournalSlot) -> Void] = [
            { $0.progress(UsageProgress(new)) }, { $0.finish(new) },
        ]
        for change in changes {
            try withSlot { slot, memory in
                slot.begin(old)
                let before = Array(memory)
                let contentBefore = slot.content(in: .current)
                change(slot)
                let after = Array(memory)
                let contentAfter = slot.content(in: .current)
                #expect(contentBefore != contentAfter)
                let words = (0..<JournalLayout.current.byteCount / 8).filter { word in
                    before[word * 8..<word * 8 + 8] != after[word * 8..<word * 8 + 8]
                }
                // Any of the stores may be done or not, but the first word's comes last.
                for _ in 0..<500 {
                    memory.copyBytes(from: before)
                    for word in words where word != 0 && Bool.random(using: &generator) {
                        for byte in word * 8..<word * 8 + 8 { memory[byte] = after[byte] }
                    }
                    #expect(slot.content(in: .current) == contentBefore)
                }
                memory.copyBytes(from: after)
                #expect(slot.content(in: .current) == contentAfter)
            }
        }
    }

    /// A free slot holds an earlier request's bytes. Until the state's store it stays free.
    @Test func everyTornBeginningIsNothing() throws {
        var generator = SeededGenerator(seed: 16)
        for isFinished in [false, true] {
            try withSlot { slot, memory in
                slot.write(finished: .random(between: 1_790_000_000, and: 1_790_100_000, using: &generator))
                slot.free()
                let before = Array(memory)
                let record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
                if isFinished { slot.write(finished: record) } else { slot.begin(record) }
                let after = Array(memory)
                for _ in 0..<500 {
                    memory.copyBytes(from: before)
                    for byte in 8..<memory.count where Bool.random(using: &generator) { memory[byte] = after[byte] }
                    #expect(slot.content(in: .current) == .nothing)
                }
            }
        }
    }

    /// Progress again and again: each torn one leaves the numbers of the one before.
    @Test func everyTornProgressOfManyIsBeforeOrAfter() throws {
        var generator = SeededGenerator(seed: 17)
        try withSlot { slot, memory in
            var record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
            slot.begin(record)
            for _ in 0..<50 {
                let before = Array(memory)
                let contentBefore = slot.content(in: .current)
                for unit in Unit.allCases { record.units[unit] += .random(in: 0...9, using: &generator) }
                record.responseBytes += 100
                record.status = generator.pick([200, 500])
                slot.progress(UsageProgress(record))
                let after = Array(memory)
                let contentAfter = slot.content(in: .current)
                for cut in stride(from: 8, through: memory.count, by: 8) {
                    memory.copyBytes(from: before)
                    for byte in 8..<cut { memory[byte] = after[byte] }
                    #expect(slot.content(in: .current) == contentBefore)
                }
                memory.copyBytes(from: after)
                #expect(slot.content(in: .current) == contentAfter)
            }
        }
    }

    /// No row has status 0: it would count as neither failed nor complete by status.
    @Test func aRequestWithoutAResponseHasTheStatusOfAFailure() throws {
        try withSlot { slot, _ in
            let record = UsageRecord(
                id: RequestID(high: 1, low: 2), keyID: "k", team: nil, endpoint: "chat/completions",
                startedAt: Timestamp(seconds: 3))
            slot.begin(record)
            guard case .interrupted(let unanswered) = slot.content(in: .current) else {
                Issue.record("the slot is not open")
                return
            }
            #expect(unanswered.status == 500)
            var progress = UsageProgress(record)
            progress.status = 200
            slot.progress(progress)
            guard case .interrupted(let answered) = slot.content(in: .current) else {
                Issue.record("the slot is not open")
                return
            }
            #expect(answered.status == 200)
        }
    }

    @Test func longTextIsCutAfterAWholeCharacter() throws {
        try withSlot { slot, memory in
            var record = UsageRecord(
                id: RequestID(high: 1, low: 2), keyID: String(repeating: "k", count: 500),
                team: "a" + String(repeating: "é", count: 500), endpoint: String(repeating: "🦉", count: 500),
                startedAt: Timestamp(seconds: 3))
            record.user = "a" + String(repeating: "🦉", count: 500)
            record.tags = UsageTags.cleaned(String(repeating: "ü", count: 64))
            record.modelAsked = String(repeating: "m", count: 128)
            record.modelServed = String(repeating: "m", count: 129)
            record.upstreamID = String(repeating: "u", count: 5000)
            record.backend = String(repeating: "€", count: 5000)
            slot.write(finished: record)
            guard case .finished(let read) = slot.content(in: .current) else {
                Issue.record("the slot is not finished")
                return
            }
            #expect(read.keyID == String(repeating: "k", count: 32))
            #expect(read.team == "a" + String(repeating: "é", count: 99))
            #expect(read.endpoint == String(repeating: "🦉", count: 8))
            #expect(read.user == "a" + String(repeating: "🦉", count: 31))
            #expect(read.tags == record.tags)
            #expect(read.modelAsked == record.modelAsked)
            #expect(read.modelServed == record.modelAsked)
            #expect(read.upstreamID?.count == 64)
            #expect(read.backend == String(repeating: "€", count: 42))
        }
    }

    @Test func theLongestTextsFit() throws {
        try withSlot { slot, memory in
            var record = UsageRecord(
                id: RequestID(high: 1, low: 2), keyID: String(repeating: "k", count: TextBound.keyID),
                team: String(repeating: "t", count: TextBound.team),
                endpoint: String(repeating: "e", count: TextBound.endpoint), startedAt: Timestamp(seconds: 3))
            record.user = String(repeating: "u", count: TextBound.user)
            record.tags = [String(repeating: "t", count: TextBound.tags)]
            record.modelAsked = String(repeating: "m", count: JournalLayout.current.modelBytes)
            record.modelServed = record.modelAsked
            record.upstreamID = String(repeating: "i", count: TextBound.upstreamID)
            record.backend = String(repeating: "b", count: TextBound.backend)
            for unit in Unit.allCases { record.units[unit] = .max - Int64(unit.rawValue) }
            slot.write(finished: record)
            #expect(slot.content(in: .current) == .finished(record))
        }
    }

    @Test func anOpenSlotKeepsWhatBeginSaid() throws {
        try withSlot { slot, _ in
            var generator = SeededGenerator(seed: 15)
            for _ in 0..<500 {
                var record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
                slot.begin(record)
                record.exactness = .interrupted
                record.ending = .gatewayDied
                record.cause = .gatewayDied
                record.refusedBy = nil
                record.upstreamID = nil
                record.backend = nil
                #expect(slot.content(in: .current) == .interrupted(record))
                slot.free()
            }
        }
    }

    @Test(arguments: [false, true], [false, true])
    func aRequestCountsOnceItDidSo(atBegin: Bool, inProgress: Bool) throws {
        try withSlot { slot, _ in
            var record = UsageRecord(
                id: RequestID(high: 1, low: 2), keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 3))
            record.countsAsRequest = atBegin
            slot.begin(record)
            record.countsAsRequest = inProgress
            slot.progress(UsageProgress(record))
            record.countsAsRequest = false
            slot.progress(UsageProgress(record))
            guard case .interrupted(let read) = slot.content(in: .current) else {
                Issue.record("the slot is not open")
                return
            }
            #expect(read.countsAsRequest == (atBegin || inProgress))
        }
    }

    @Test func theEndSaysFinallyIfARequestCounts() throws {
        try withSlot { slot, _ in
            var record = UsageRecord(
                id: RequestID(high: 1, low: 2), keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 3))
            record.countsAsRequest = true
            slot.begin(record)
            record.countsAsRequest = false
            slot.finish(record)
            #expect(slot.content(in: .current) == .finished(record))
        }
    }

    @Test func aDamagedSlotIsUnreadableOrAnotherRecord() throws {
        var generator = SeededGenerator(seed: 9)
        try withSlot { slot, memory in
            for _ in 0..<20_000 {
                for index in memory.indices { memory[index] = .random(in: 0...255, using: &generator) }
                // A state that exists, or the rest would never be looked at.
                memory[0] = .random(in: 1...4, using: &generator)
                for index in 1..<8 { memory[index] = 0 }
                _ = slot.content(in: .current)
            }
            memory[0] = 99
            #expect(slot.content(in: .current) == .unreadable)
        }
    }

    private func withSlot(_ body: (JournalSlot, UnsafeMutableRawBufferPointer) throws -> Void) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: JournalLayout.current.byteCount, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        try body(JournalSlot(at: try #require(memory.baseAddress)), memory)
    }
}
