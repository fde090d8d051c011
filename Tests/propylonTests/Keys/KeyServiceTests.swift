import Clocks
import Foundation
import Gateway
import Policy
import Settings
import Store
import Testing

@testable import propylon

@Suite struct KeyServiceTests {
    private let folder: TemporaryFolder
    private let database: LedgerDatabase
    private let settings: Configuration
    private let now = Timestamp(seconds: 1_795_428_000)

    init() throws {
        folder = try TemporaryFolder()
        database = try LedgerDatabase(directory: folder.path)
        settings = try configuration(
            """
            time_zone: Europe/Paris
            default_tier: student
            tiers: { student: { budget_eur_per_day: 2 } }

            """)
    }

    private func service(at now: Timestamp? = nil) -> KeyService {
        KeyService(database, settings, by: .test, at: now ?? self.now)
    }

    private func authenticate(_ key: APIKey, at moment: Timestamp) throws -> KeyRecord {
        try KeyCache(database).keys.authenticate(key.digest, at: moment)
    }

    @Test func aNewKeyWorksAndSoDoesItsSuccessor() throws {
        let issued = try service().create(.init(name: "ada", team: "red", models: ["a*"]))
        let record = try authenticate(issued.key, at: now)
        #expect(record == issued.record)
        #expect((record.name, record.tier, record.team, record.models) == ("ada", "student", "red", ["a*"]))
        let isWellFormed = APIKey.isWellFormed(Array(issued.key.reveal().utf8).span)
        #expect(isWellFormed)

        let successor = try service().rotate("ada", grace: .seconds(3600))
        let graceUntil = now + .seconds(3600)
        #expect(successor.key.id == issued.key.id)
        #expect(successor.key.digest != issued.key.digest)
        #expect(successor.record.predecessors.map(\.validUntil) == [graceUntil])
        #expect(try authenticate(successor.key, at: now).id == record.id)
        #expect(try authenticate(issued.key, at: now).id == record.id)
        #expect(throws: KeyRefusal.rotated(graceUntil)) { try authenticate(issued.key, at: graceUntil + .seconds(1)) }
        database.close()
    }

    @Test func namesAreTakenWhereverIDsAre() throws {
        _ = try service().create(.init(name: "ada"))
        #expect(try service().suspend("ada").suspendedAt == now)
        #expect(try service().resume("ada").suspendedAt == nil)
        var changes = KeyChanges()
        changes.name = "bob"
        #expect(try service().update("ada", changes).name == "bob")
        #expect(throws: KeyProblem.store(.keyNotFound("ada"))) { try service().revoke("ada") }
        #expect(try service().revoke("bob").revokedAt == now)
        database.close()
    }

    /// A value that the store refuses is wrong usage, as one that the configuration refuses.
    @Test func valuesThatAreNotKeptAreOfTheirMember() {
        let drafts: [(KeyService.Draft, String)] = [
            (.init(name: ""), "name"), (.init(name: String(repeating: "x", count: 201)), "name"),
            (.init(name: "a\nb"), "name"),
            (.init(name: "ada", models: (0...1000).map { "m\($0)" }), "models"),
        ]
        for (draft, expected) in drafts {
            #expect {
                try service().create(draft)
            } throws: { error in
                guard let problem = error as? KeyProblem, case .invalid(expected, _) = problem else { return false }
                return Failure(problem).status == .wrongUsage
            }
        }
        database.close()
    }

    @Test func grantsNeedALimitAndAnEnd() throws {
        _ = try service().create(.init(name: "ada", limits: [.tokensPerDay: 5]))
        let raise = try LimitArgument("budget_eur_per_day", "+50%")
        #expect(throws: KeyProblem.self) { try service().grant("ada", [raise], until: nil) }
        #expect(throws: KeyProblem.self) { try service().grant("ada", [raise], until: "2026-11-01") }
        #expect(throws: KeyProblem.self) {
            try service().grant("ada", [LimitArgument("tokens_per_minute", "+5")], until: "day")
        }
        let granted = try service().grant("ada", [raise, LimitArgument("tokens_per_day", "+5")], until: "2026-11-30")
        // The end of the day in Paris.
        let end = Timestamp(seconds: 1_796_079_600)
        #expect(
            granted.limits.grants == [
                LimitGrant(kind: .budgetPerDay, raise: .percent(50), until: end),
                LimitGrant(kind: .tokensPerDay, raise: .amount(5), until: end),
            ])
        let ended = try service().grant("ada", [LimitArgument("budget_eur_per_day", "none")], until: nil)
        #expect(ended.limits.grants.map(\.kind) == [.tokensPerDay])
        database.close()
    }

    /// A date is the last day on which a key works, in the zone of the configuration, however long the day is.
    @Test(
        arguments: [
            ("2027-06-30", "2027-06-30T23:59:59", "2027-07-01T00:00:00"),
            ("2027-03-28", "2027-03-28T23:59:59", "2027-03-29T00:00:00"),
            ("2027-10-31", "2027-10-31T23:59:59", "2027-11-01T00:00:00"),
            ("2026-12-31", "2026-12-31T23:59:59", "2027-01-01T00:00:00"),
        ])
    func anExpiryEndsWithItsDay(date: String, last: String, after: String) throws {
        let rules = service().rules
        let expiry = try #require(try rules.expiry(date))
        let issued = try service().create(.init(name: "ada", expiresAt: expiry))
        #expect(try authenticate(issued.key, at: rules.time.moment(last)).name == "ada")
        let end = try rules.time.moment(after)
        #expect(expiry == end)
        #expect(throws: KeyRefusal.expired(end)) { try authenticate(issued.key, at: end) }
        database.close()
    }
}
