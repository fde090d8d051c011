import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct KeyStoreTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let store: KeyStore
    private let now = Timestamp(seconds: 60)

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        store = KeyStore(database, by: .test)
    }

    /// The keys as a gateway reads them at its start.
    private func loaded() throws -> KeySnapshot { try KeyCache(database).keys }

    @Test func aKeyWorksFromItsCreationOn() throws {
        #expect(try store.list().isEmpty)
        let record = KeyRecord(
            id: "abcdefghjk", name: "ada", tier: "student", team: "research", models: ["gpt-oss:*", #"a"b,c"#],
            createdAt: Timestamp(microseconds: 1_234_567), expiresAt: Timestamp(seconds: 99), revokedAt: nil,
            limits: KeyLimits(
                own: [.budgetInTotal: 7, .requestsPerMinute: 3],
                grants: [
                    LimitGrant(kind: .budgetInTotal, raise: .percent(50), until: Timestamp(microseconds: 9)),
                    LimitGrant(kind: .requestsPerMinute, raise: .amount(20), until: Timestamp(seconds: 8)),
                ]), digest: KeyDigest(number: 5),
            predecessors: [
                KeyRecord.Predecessor(digest: KeyDigest(number: 4), validUntil: Timestamp(seconds: 50)),
                KeyRecord.Predecessor(digest: KeyDigest(number: 5), validUntil: Timestamp(seconds: 40)),
            ])
        try store.create(record)
        #expect(try store.list() == [record])
        #expect(try loaded().authenticate(KeyDigest(number: 5), at: Timestamp(seconds: 2)) == record)
        database.close()
    }

    @Test func refusesASecondKeyWithTheSameIDOrSecret() throws {
        try store.create(.plain("one", digest: 1))
        try store.create(.plain("two", digest: 2))
        #expect(throws: LedgerError.duplicateKey("one")) { try store.create(.plain("one", digest: 3)) }
        #expect(throws: LedgerError.duplicateKey("three")) { try store.create(.plain("three", digest: 1)) }
        #expect(throws: LedgerError.duplicateKey("two")) {
            try store.rotate(
                "two", newDigest: KeyDigest(number: 1), graceUntil: Timestamp(seconds: 5), at: Timestamp(seconds: 1))
        }
        #expect(try store.list().map(\.id) == ["one", "two"])
        database.close()
    }

    @Test func findsByIDThenByAUniqueName() throws {
        try store.create(.plain("one", name: "ada", digest: 1))
        // Keys of earlier versions may share names.
        try database.writing { try KeyTable.insert(.plain("two", name: "one", digest: 2), into: $0) }
        #expect(try store.find("one").id == "one")
        #expect(try store.find("ada").id == "one")
        #expect(throws: LedgerError.keyNotFound("bob")) { try store.find("bob") }
        try database.writing {
            try KeyTable.insert(.plain("three", name: "ada", digest: 3, createdAt: 2000), into: $0)
        }
        #expect(throws: LedgerError.ambiguousKeyName("ada", ids: ["one", "three"])) { try store.find("ada") }
        try store.revoke("one", at: Timestamp(seconds: 3))
        #expect(try store.find("ada").id == "three")
        try store.revoke("three", at: Timestamp(seconds: 3))
        #expect(throws: LedgerError.ambiguousKeyName("ada", ids: ["one", "three"])) { try store.find("ada") }
        database.close()
    }

    @Test func rotationWithGrace() throws {
        try store.create(.plain("one", digest: 1))
        let rotated = try store.rotate(
            "one", newDigest: KeyDigest(number: 2), graceUntil: Timestamp(seconds: 500), at: Timestamp(seconds: 1))
        #expect(rotated.id == "one")
        #expect(rotated.digest == KeyDigest(number: 2))
        let keys = try loaded()
        let within = Timestamp(seconds: 499)
        let after = Timestamp(seconds: 501)
        #expect(try keys.authenticate(KeyDigest(number: 2), at: within).id == "one")
        #expect(try keys.authenticate(KeyDigest(number: 1), at: within).id == "one")
        #expect(try keys.authenticate(KeyDigest(number: 2), at: after).id == "one")
        #expect(throws: KeyRefusal.rotated(Timestamp(seconds: 500))) {
            try keys.authenticate(KeyDigest(number: 1), at: after)
        }
        // Rotated once more, with less grace: each secret keeps its own.
        try store.rotate(
            "one", newDigest: KeyDigest(number: 3), graceUntil: Timestamp(seconds: 300), at: Timestamp(seconds: 200))
        #expect(try loaded().authenticate(KeyDigest(number: 1), at: within).id == "one")
        #expect(throws: KeyRefusal.rotated(Timestamp(seconds: 300))) {
            try loaded().authenticate(KeyDigest(number: 2), at: within)
        }
        // Secrets that have ended are forgotten.
        let last = try store.rotate(
            "one", newDigest: KeyDigest(number: 6), graceUntil: Timestamp(seconds: 600), at: Timestamp(seconds: 400))
        #expect(last.predecessors.map(\.digest) == [KeyDigest(number: 1), KeyDigest(number: 3)])
        #expect(throws: KeyRefusal.unknown) { try loaded().authenticate(KeyDigest(number: 2), at: within) }
        #expect(throws: LedgerError.keyNotFound("none")) {
            try store.rotate(
                "none", newDigest: KeyDigest(number: 9), graceUntil: Timestamp(seconds: 1), at: Timestamp(seconds: 1))
        }
        database.close()
    }

    /// However often a key is rotated, and whatever the graces are, each secret works until its own end.
    @Test(arguments: [UInt64(1), 2, 3]) func everySecretKeepsItsGrace(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try store.create(.plain("one", digest: 0))
        var ends: [Int64] = []
        for turn in 0..<20 {
            let now = Int64(turn) * 10
            let end = now + Int64.random(in: 0...150, using: &generator)
            try store.rotate(
                "one", newDigest: KeyDigest(number: UInt64(turn + 1)), graceUntil: Timestamp(seconds: end),
                at: Timestamp(seconds: now))
            ends.append(end)
            let keys = try loaded()
            for (number, end) in ends.enumerated() {
                for moment in [now, now + 5, end - 1, end] where moment >= now {
                    let found = try? keys.authenticate(
                        KeyDigest(number: UInt64(number)), at: Timestamp(seconds: moment))
                    #expect((found != nil) == (moment < end))
                }
            }
        }
        database.close()
    }

    @Test func revocationIsForGood() throws {
        try store.create(.plain("one", digest: 1))
        let revoked = try store.revoke("one", at: Timestamp(seconds: 20))
        #expect(revoked.revokedAt == Timestamp(seconds: 20))
        #expect(throws: KeyRefusal.revoked(Timestamp(seconds: 20))) {
            try loaded().authenticate(KeyDigest(number: 1), at: Timestamp(seconds: 21))
        }
        // Revoked again: the first time stays.
        #expect(try store.revoke("one", at: Timestamp(seconds: 30)).revokedAt == Timestamp(seconds: 20))
        #expect(throws: LedgerError.keyRevoked("one")) {
            try store.rotate(
                "one", newDigest: KeyDigest(number: 2), graceUntil: Timestamp(seconds: 40), at: Timestamp(seconds: 1))
        }
        #expect(throws: LedgerError.keyRevoked("one")) { try store.update("one", KeyChanges(), at: now) }
        #expect(throws: LedgerError.keyNotFound("two")) { try store.revoke("two", at: Timestamp(seconds: 1)) }
        database.close()
    }

    @Test func updateChangesWhatIsNamed() throws {
        try store.create(
            KeyRecord(
                id: "one", name: "ada", tier: "student", team: "red", models: ["a"], createdAt: Timestamp(seconds: 1),
                expiresAt: Timestamp(seconds: 9), revokedAt: nil, digest: KeyDigest(number: 1)))
        let before = try store.find("one")
        #expect(try store.update("one", KeyChanges(), at: now) == before)

        var changes = KeyChanges()
        changes.tier = "tier-1"
        changes.models = .set(["x", "y"])
        var after = try store.update("one", changes, at: now)
        #expect((after.name, after.tier, after.team, after.models) == ("ada", "tier-1", "red", ["x", "y"]))
        #expect(after.expiresAt == Timestamp(seconds: 9))

        changes = KeyChanges()
        changes.name = "bob"
        changes.team = .clear
        changes.models = .clear
        changes.expiresAt = .set(Timestamp(seconds: 10))
        after = try store.update("one", changes, at: now)
        #expect((after.name, after.tier, after.team, after.models) == ("bob", "tier-1", nil, nil))
        #expect(after.expiresAt == Timestamp(seconds: 10))

        changes = KeyChanges()
        changes.expiresAt = .clear
        #expect(try store.update("one", changes, at: now).expiresAt == nil)
        #expect(try loaded()["one"]?.expiresAt == nil)
        #expect(try loaded()["one"]?.digest == KeyDigest(number: 1))
        database.close()
    }

    @Test func textsOfAKeyAreBounded() throws {
        let long = String(repeating: "é", count: 101)
        #expect(throws: LedgerError.textTooLong(member: "name", bytes: 202, limit: 200)) {
            try store.create(.plain("one", name: long, digest: 1))
        }
        let record = KeyRecord(
            id: "one", name: "one", tier: "t", team: long, models: nil, createdAt: Timestamp(seconds: 1),
            expiresAt: nil, revokedAt: nil, digest: KeyDigest(number: 1))
        #expect(throws: LedgerError.textTooLong(member: "team", bytes: 202, limit: 200)) { try store.create(record) }
        #expect(throws: LedgerError.textTooLong(member: "id", bytes: 33, limit: 32)) {
            try store.create(.plain(String(repeating: "i", count: 33), digest: 1))
        }
        #expect(try store.list().isEmpty)
        try store.create(.plain("one", name: String(repeating: "n", count: 200), digest: 1))
        database.close()
    }

    @Test func changesOfAKeyAreBounded() throws {
        try store.create(.plain("one", digest: 1))
        var changes = KeyChanges()
        changes.team = .set(String(repeating: "t", count: 201))
        #expect(throws: LedgerError.textTooLong(member: "team", bytes: 201, limit: 200)) {
            try store.update("one", changes, at: now)
        }
        changes = KeyChanges()
        changes.name = String(repeating: "n", count: 201)
        #expect(throws: LedgerError.textTooLong(member: "name", bytes: 201, limit: 200)) {
            try store.update("one", changes, at: now)
        }
        #expect(try store.find("one").name == "name of one")
        database.close()
    }

    /// A key of an earlier version keeps its long team when other members change.
    @Test func aLongTeamOfBeforeMayStay() throws {
        let long = String(repeating: "t", count: 300)
        let record = KeyRecord(
            id: "one", name: "one", tier: "t", team: long, models: nil, createdAt: Timestamp(seconds: 1),
            expiresAt: nil, revokedAt: nil, digest: KeyDigest(number: 1))
        try database.writing { try KeyTable.insert(record, into: $0) }
        var changes = KeyChanges()
        changes.name = "two"
        #expect(try store.update("one", changes, at: now).team == long)
        database.close()
    }

    @Test func aSuspendedKeyWorksAgainAfterItsResumption() throws {
        try store.create(.plain("one", digest: 1))
        #expect(try store.suspend("one", at: Timestamp(seconds: 20)).suspendedAt == Timestamp(seconds: 20))
        #expect(try store.suspend("one", at: Timestamp(seconds: 30)).suspendedAt == Timestamp(seconds: 20))
        #expect(throws: KeyRefusal.suspended(Timestamp(seconds: 20))) {
            try loaded().authenticate(KeyDigest(number: 1), at: Timestamp(seconds: 21))
        }
        for _ in 0..<2 { #expect(try store.resume("one", at: now).suspendedAt == nil) }
        #expect(try loaded().authenticate(KeyDigest(number: 1), at: Timestamp(seconds: 22)).id == "one")
        try store.revoke("one", at: Timestamp(seconds: 40))
        #expect(throws: LedgerError.keyRevoked("one")) { try store.suspend("one", at: Timestamp(seconds: 41)) }
        #expect(throws: LedgerError.keyRevoked("one")) { try store.resume("one", at: now) }
        #expect(throws: LedgerError.keyNotFound("none")) { try store.suspend("none", at: Timestamp(seconds: 41)) }
        database.close()
    }

    @Test func limitsOfAKeyChangeOneByOne() throws {
        try store.create(.plain("one", digest: 1))
        func changed(_ limits: [LimitKind: KeyChanges.Change<Int64>]) throws -> [LimitKind: Int64] {
            var changes = KeyChanges()
            changes.limits = limits
            return try store.update("one", changes, at: now).limits.own
        }
        for kind in LimitKind.allCases { #expect(try changed([kind: .set(5)])[kind] == 5) }
        #expect(try changed([.budgetPerDay: .set(6)]).count == LimitKind.allCases.count)
        #expect(try changed([.budgetPerDay: .keep])[.budgetPerDay] == 6)
        for kind in LimitKind.allCases { #expect(try changed([kind: .clear])[kind] == nil) }
        #expect(try store.find("one").limits.isEmpty)
        database.close()
    }

    @Test func grantsAddUntilTheyEnd() throws {
        try store.create(.plain("one", digest: 1))
        func grant(_ kind: LimitKind, until second: Int64) -> LimitGrant {
            LimitGrant(kind: kind, raise: .percent(second), until: Timestamp(seconds: second))
        }
        let first = [grant(.budgetPerDay, until: 10), grant(.requestsPerDay, until: 20)]
        #expect(try store.grant("one", first, at: Timestamp(seconds: 1)).limits.grants == first)
        let second = try store.grant("one", [grant(.budgetPerDay, until: 30)], at: Timestamp(seconds: 10))
        #expect(second.limits.grants == [first[1], grant(.budgetPerDay, until: 30)])
        #expect(try loaded()["one"] == second)
        let last = try store.grant("one", [], ending: [.budgetPerDay], at: Timestamp(seconds: 11))
        #expect(last.limits.grants == [first[1]])
        #expect(throws: LedgerError.tooManyGrants("one", limit: KeyBounds.grants)) {
            try store.grant(
                "one", (0..<KeyBounds.grants).map { _ in grant(.budgetPerDay, until: 30) }, at: Timestamp(seconds: 11))
        }
        #expect(try store.find("one").limits.grants == [first[1]])
        #expect(try store.grant("one", [], at: Timestamp(seconds: 20)).limits.isEmpty)
        database.close()
    }

    @Test(arguments: ["limits = '{\"none\": 1}'", "limits = '['", "grants = '[{\"limit\": \"none\", \"until\": 1}]'"])
    func damagedLimitsAreNamed(damage: String) throws {
        try store.create(.plain("one", digest: 1))
        try database.writing { try $0.execute(sql: "UPDATE keys SET \(damage)") }
        #expect(throws: LedgerError.self) { try store.list() }
        database.close()
    }
}
