import Clocks
import Foundation
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct AuditTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let store: KeyStore
    private let now = Timestamp(seconds: 1_795_428_000)

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        store = KeyStore(database, by: .test)
    }

    private func created() throws {
        try store.create(
            KeyRecord(
                id: "one", name: "ada", tier: "t", team: "red", createdAt: now,
                limits: KeyLimits(own: [.budgetPerDay: 1_500_000_000]), digest: KeyDigest(number: 1)))
    }

    @Test func everyChangeOfAKeyIsKept() throws {
        try created()
        var changes = KeyChanges()
        changes.name = "ada 2"
        changes.team = .clear
        changes.limits = [.budgetPerDay: .clear, .tokensPerDay: .set(7)]
        try store.update("one", changes, at: now + .seconds(1))
        try store.rotate("one", newDigest: KeyDigest(number: 2), graceUntil: now + .seconds(60), at: now + .seconds(2))
        try store.suspend("one", at: now + .seconds(3))
        try store.resume("one", at: now + .seconds(4))
        try store.grant(
            "one", [LimitGrant(kind: .tokensPerDay, raise: .percent(50), until: now + .seconds(90))],
            at: now + .seconds(5))
        try store.revoke("one", at: now + .seconds(6))
        let log = try database.audit(limit: 100)
        #expect(
            log.map(\.action) == [
                "key.revoke", "key.grant", "key.resume", "key.suspend", "key.rotate", "key.update", "key.create",
            ])
        #expect(log.map(\.at) == (0..<7).reversed().map { now + .seconds($0) })
        #expect(log.allSatisfy { $0.actor == .test && $0.subject?.id == "one" })
        #expect(log.map { $0.subject?.name }.suffix(2) == ["ada 2", "ada"])
        let update = log[5]
        #expect(update.before == #"{"limits":{"budget_eur_per_day":"1.5"},"name":"ada","team":"red"}"#)
        #expect(update.after == #"{"limits":{"tokens_per_day":"7"},"name":"ada 2","team":null}"#)
        #expect(log[4].before == #"{"old_secrets_valid_until":[]}"#)
        #expect(log[3].before == #"{"suspended_at":null}"#)
        #expect(log[1].after.contains("tokens_per_day +50% until "))
        database.close()
    }

    /// No entry has a secret or its digest, which are 32 bytes that nothing else has.
    @Test func noDigestIsInTheLog() throws {
        try created()
        try store.rotate("one", newDigest: KeyDigest(number: 2), graceUntil: now + .seconds(60), at: now)
        let texts = try database.audit(limit: 10).flatMap { [$0.before, $0.after] }
        for digest in [KeyDigest(number: 1), KeyDigest(number: 2)] {
            let hex = digest.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            #expect(texts.allSatisfy { !$0.contains(hex) && !$0.contains(Data(digest.bytes).base64EncodedString()) })
        }
        database.close()
    }

    @Test func whatChangesNothingIsNotInTheLog() throws {
        try created()
        try store.update("one", KeyChanges(), at: now)
        try store.resume("one", at: now)
        try store.revoke("one", at: now)
        try store.revoke("one", at: now)
        #expect(throws: LedgerError.keyRevoked("one")) { try store.suspend("one", at: now) }
        #expect(try database.audit(limit: 10).map(\.action) == ["key.revoke", "key.create"])
        database.close()
    }

    @Test func correctionsReloadsAndCancellationsAreKept() throws {
        try created()
        let actor = AuditActor(name: "ops", origin: "10.0.0.1")
        _ = try database.credit(NanoEuros(5_000_000_000), to: store.find("one"), by: actor, reason: "outage", at: now)
        _ = try database.reprice(since: now, by: actor, reason: "prices", at: now, price: { _ in nil })
        try database.auditReload(changed: ["tiers.student"], by: actor, at: now)
        let request = RequestID(at: now, random: (1, 2))
        try database.auditCancellation(of: request, key: store.find("one"), by: actor, at: now)
        try database.auditCancellation(of: request, key: nil, by: actor, at: now)
        let cancelled = try database.audit(limit: 2)
        #expect(cancelled.allSatisfy { $0.action == "request.cancel" && $0.actor == actor && $0.before == "{}" })
        #expect(cancelled.allSatisfy { $0.after == #"{"request":"\#(request)"}"# })
        #expect(cancelled.map { $0.subject?.name } == [nil, "ada"])
        let log = try Array(database.audit(limit: 5).dropFirst(2))
        #expect(log.map(\.action) == ["config.reload", "usage.reprice", "usage.credit"])
        #expect(log.allSatisfy { $0.actor == actor })
        #expect(log[0].after == #"{"changed":["tiers.student"]}"#)
        #expect(log[2].after == #"{"credit_eur":"5","reason":"outage"}"#)
        #expect(log[2].subject?.name == "ada")
        database.close()
    }

    @Test func pagesAndConditionsSelect() throws {
        try created()
        try store.create(.plain("two", digest: 2, createdAt: now.seconds + 10))
        for second in stride(from: Int64(11), to: 21, by: 2) {
            try store.suspend("one", at: now + .seconds(second))
            try store.resume("one", at: now + .seconds(second + 1))
        }
        let all = try database.audit(limit: 100)
        #expect(all.count == 12)
        #expect(try database.audit(ofKey: "two", limit: 100).map(\.action) == ["key.create"])
        #expect(try database.audit(since: now + .seconds(15), limit: 100).count == 6)
        var read: [AuditEntry] = []
        while case let page = try database.audit(after: read.last?.number, limit: 5), !page.isEmpty { read += page }
        #expect(read == all)
        database.close()
    }

    @Test(arguments: [
        "UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 1",
        "INSERT OR REPLACE INTO audit (number, at, actor, origin, action, before, after) VALUES (1, 1, '', '', '', '', '')",
    ])
    func theLogOnlyGrows(sql: String) throws {
        try created()
        let before = try database.audit(limit: 10)
        #expect(throws: LedgerError.self) { try database.writing { try $0.execute(sql: sql) } }
        #expect(try database.audit(limit: 10) == before)
        database.close()
    }

    // MARK: Several keys at once

    @Test func allStepsAreCarriedOutOrNone() throws {
        try created()
        var changes = KeyChanges()
        changes.tier = "student"
        let steps: [KeyStore.Step] = [.update("ada", changes), .create(.plain("two", digest: 2))]
        #expect(try store.apply(steps, isTrial: true, at: now).map(\.tier) == ["student", "monthly"])
        #expect(try store.list().map(\.tier) == ["t"])
        #expect(try database.audit(limit: 9).count == 1)
        #expect(throws: KeyStore.StepError(index: 2, error: .nameTaken("ada", id: "one"))) {
            try store.apply(steps + [.create(.plain("three", name: "ada", digest: 3))], isTrial: false, at: now)
        }
        #expect(try store.list().map(\.tier) == ["t"])
        #expect(try store.apply(steps, isTrial: false, at: now).map(\.id) == ["one", "two"])
        #expect(Set(try store.list().map(\.tier)) == ["student", "monthly"])
        #expect(try database.audit(limit: 9).count == 3)
        database.close()
    }
}
