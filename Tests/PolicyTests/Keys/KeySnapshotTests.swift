import Clocks
import Policy
import SeededRandom
import Testing

@Suite struct KeySnapshotTests {
    private let then = Timestamp(seconds: 100)

    @Test func nobodyIsKnownWithoutKeys() {
        #expect(throws: KeyRefusal.unknown) { try KeySnapshot.empty.authenticate(.example(1), at: then) }
        #expect(KeySnapshot.empty.records.isEmpty)
        #expect(KeySnapshot.empty.isEmpty)
    }

    @Test func keyIsFoundByDigestAndByID() throws {
        let first = KeyRecord.example(id: "aaaaaaaaaa", digest: .example(1))
        let second = KeyRecord.example(id: "bbbbbbbbbb", digest: .example(2))
        let keys = KeySnapshot([first, second])
        #expect(try keys.authenticate(.example(2), at: then) === second)
        #expect(keys["aaaaaaaaaa"] === first)
        #expect(keys["cccccccccc"] == nil)
        #expect(keys.records == [first, second])
        #expect(!keys.isEmpty)
    }

    @Test func expiryIsSharp() throws {
        let keys = KeySnapshot([.example(expiresAt: then)])
        _ = try keys.authenticate(.example(1), at: Timestamp(microseconds: then.microseconds - 1))
        #expect(throws: KeyRefusal.expired(then)) { try keys.authenticate(.example(1), at: then) }
    }

    @Test func revokedKeyIsRefusedEvenByAClockThatIsBehind() {
        let keys = KeySnapshot([.example(revokedAt: then)])
        #expect(throws: KeyRefusal.revoked(then)) { try keys.authenticate(.example(1), at: Timestamp(seconds: 1)) }
    }

    @Test func predecessorWorksUntilItsGraceEnds() throws {
        let record = KeyRecord.example(
            digest: .example(2), predecessors: [.init(digest: .example(1), validUntil: then)])
        let keys = KeySnapshot([record])
        #expect(try keys.authenticate(.example(1), at: Timestamp(seconds: 99)) === record)
        #expect(throws: KeyRefusal.rotated(then)) { try keys.authenticate(.example(1), at: then) }
        #expect(try keys.authenticate(.example(2), at: then) === record)
    }

    @Test func everyPredecessorHasItsOwnEnd() throws {
        let later = Timestamp(seconds: then.seconds + 50)
        let record = KeyRecord.example(
            digest: .example(3),
            predecessors: [
                .init(digest: .example(1), validUntil: later), .init(digest: .example(2), validUntil: then),
            ])
        let keys = KeySnapshot([record])
        #expect(try keys.authenticate(.example(1), at: then) === record)
        #expect(throws: KeyRefusal.rotated(then)) { try keys.authenticate(.example(2), at: then) }
        #expect(throws: KeyRefusal.rotated(later)) { try keys.authenticate(.example(1), at: later) }
    }

    @Test func predecessorEndsWithItsKey() {
        let predecessor = KeyRecord.Predecessor(digest: .example(1), validUntil: Timestamp(seconds: 1000))
        let revoked = KeySnapshot([.example(revokedAt: then, digest: .example(2), predecessors: [predecessor])])
        #expect(throws: KeyRefusal.revoked(then)) { try revoked.authenticate(.example(1), at: then) }
        let expired = KeySnapshot([.example(expiresAt: then, digest: .example(2), predecessors: [predecessor])])
        #expect(throws: KeyRefusal.expired(then)) { try expired.authenticate(.example(1), at: then) }
    }

    /// Random keys against a search through all of them, over times around each of their ends.
    @Test func agreesWithASlowModel() {
        var generator = SeededGenerator(seed: 9)
        func time() -> Timestamp { Timestamp(seconds: .random(in: 0...20, using: &generator)) }
        for _ in 0..<300 {
            var digests = (0..<40).map { KeyDigest.example($0) }.shuffled(using: &generator)
            let records = (0..<Int.random(in: 0...8, using: &generator)).map { index in
                KeyRecord.example(
                    id: "key-\(index)", expiresAt: Bool.random(using: &generator) ? time() : nil,
                    revokedAt: Int.random(in: 0..<4, using: &generator) == 0 ? time() : nil,
                    suspendedAt: Int.random(in: 0..<4, using: &generator) == 0 ? time() : nil,
                    digest: digests.removeLast(),
                    predecessors: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                        .init(digest: digests.removeLast(), validUntil: time())
                    })
            }
            let keys = KeySnapshot(records)
            for number in 0..<40 as Range<UInt64> {
                let now = time()
                let expected = Self.model(records, .example(number), now)
                let found = Result { () throws(KeyRefusal) in try keys.authenticate(.example(number), at: now) }
                #expect(found == expected)
            }
        }
    }

    /// Keys that change one by one are those of a snapshot from the latest records; snapshots of before stay as they are.
    @Test func changesGiveTheSameAsANewSnapshot() {
        var generator = SeededGenerator(seed: 13)
        var keys = KeySnapshot.empty
        var latest: [String: KeyRecord] = [:]
        for round in 0..<100 as Range<UInt64> {
            let id = "key-\(Int.random(in: 0..<12, using: &generator))"
            // A rotation, another change, or a secret that nothing keeps.
            let before = latest[id]
            let isRotated = before != nil && Bool.random(using: &generator)
            let record = KeyRecord.example(
                id: id, revokedAt: Int.random(in: 0..<9, using: &generator) == 0 ? then : nil,
                digest: .example(1000 + round),
                predecessors: isRotated
                    ? (before.map { [.init(digest: $0.digest, validUntil: then)] + $0.predecessors } ?? []) : [])
            let old = keys
            keys.update(record)
            #expect(old[id] === before)
            latest[id] = record
            let fresh = KeySnapshot(latest.values)
            #expect(keys.records == fresh.records)
            #expect(keys[id] === record)
            for number in 0...round {
                let digest = KeyDigest.example(1000 + number)
                func found(_ keys: KeySnapshot) -> Result<KeyRecord, KeyRefusal> {
                    Result { () throws(KeyRefusal) in try keys.authenticate(digest, at: Timestamp(seconds: 1)) }
                }
                #expect(found(keys) == found(fresh))
            }
        }
    }

    private static func model(
        _ records: [KeyRecord], _ digest: KeyDigest, _ now: Timestamp
    ) -> Result<KeyRecord, KeyRefusal> {
        for record in records {
            let isOwn = record.digest == digest
            let predecessor = record.predecessors.first { $0.digest == digest }
            guard isOwn || predecessor != nil else { continue }
            if let revokedAt = record.revokedAt { return .failure(.revoked(revokedAt)) }
            if let expiresAt = record.expiresAt, expiresAt <= now { return .failure(.expired(expiresAt)) }
            if let suspendedAt = record.suspendedAt { return .failure(.suspended(suspendedAt)) }
            if !isOwn, let end = predecessor?.validUntil, end <= now { return .failure(.rotated(end)) }
            return .success(record)
        }
        return .failure(.unknown)
    }
}
