import Clocks
import Loopback
import Testing

@testable import Transport

@Suite struct EventLoopTests {
    @Test func aTaskStaysOnItsLoop() async throws {
        let stayed = try await onLoop { loop in
            var stayed = loop.isCurrent
            for _ in 0..<100 {
                await Task.yield()
                stayed = stayed && loop.isCurrent
            }
            return stayed
        }
        #expect(stayed)
    }

    @Test func twoLoopsRunBesideEachOther() async throws {
        let first = try EventLoop(name: "first")
        let second = try EventLoop(name: "second")
        try await onLoop(first) {
            #expect(first.isCurrent)
            #expect(!second.isCurrent)
            try await onLoop(second) { #expect(second.isCurrent && !first.isCurrent) }
            #expect(first.isCurrent)
        }
    }

    @Test func workFromElsewhereIsRunOnce() async throws {
        let loop = try EventLoop(name: "test")
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        await withCheckedContinuation { continuation in
                            loop.execute {
                                tally.add()
                                continuation.resume()
                            }
                        }
                    }
                }
            }
        }
        #expect(tally.count == 4000)
    }

    /// A job that is always ready leaves the others, the sockets and the work from elsewhere their turns.
    @Test func aTaskThatOnlyYieldsKeepsNobodyWaiting() async throws {
        let loop = try EventLoop(name: "test")
        let seen = Tally()
        let spinning = Task(executorPreference: loop) { while seen.count < 2 { await Task.yield() } }
        try await onLoop(loop) {
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            _ = left.writeText("x")
            #expect(await right.wait(for: .readable, until: .never) == .ready)
            seen.add()
        }
        loop.execute { seen.add() }
        await spinning.value
    }

    @Test func loopsThatEndWhileTheyAreBusyLeaveNothingBehind() async throws {
        for _ in 0..<200 {
            let loop = try EventLoop(name: "test")
            try await onLoop(loop) {
                let (left, right) = try socketPair(on: loop)
                _ = left.writeText("x")
                #expect(await right.wait(for: .readable, until: .never) == .ready)
                left.close()
                right.close()
            }
        }
    }

    @Test func aThousandConversationsAtOnce() async throws {
        let loop = try EventLoop(name: "test")
        let finished = Tally()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask(executorPreference: loop) {
                    if await converse(number, on: loop) { finished.add() }
                }
            }
        }
        #expect(finished.count == 200)
    }
}

private func converse(_ number: Int, on loop: EventLoop) async -> Bool {
    guard let (left, right) = try? socketPair(on: loop) else { return false }
    defer { left.close(); right.close() }
    for round in 0..<20 {
        guard left.writeText("\(number) \(round)") != .wouldBlock,
            await right.wait(for: .readable, until: loop.now + .seconds(10)) == .ready,
            right.readText() == "\(number) \(round)"
        else { return false }
    }
    return true
}
