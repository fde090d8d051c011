import Clocks
import Policy
import Testing

@Suite struct KeyRecordTests {
    /// Every fact of a record.
    private struct Facts {
        var id = "0123456789"
        var name = "somebody"
        var tier = "monthly"
        var team: String? = "red"
        var models: [String]? = ["a"]
        var createdAt = Timestamp(seconds: 1)
        var expiresAt: Timestamp? = Timestamp(seconds: 2)
        var revokedAt: Timestamp?
        var suspendedAt: Timestamp?
        var limits = KeyLimits()
        var digest = KeyDigest.example(1)
        var predecessors: [KeyRecord.Predecessor] = []

        var record: KeyRecord {
            KeyRecord(
                id: id, name: name, tier: tier, team: team, models: models, createdAt: createdAt, expiresAt: expiresAt,
                revokedAt: revokedAt, suspendedAt: suspendedAt, limits: limits, digest: digest,
                predecessors: predecessors)
        }
    }

    private let changes: [(inout Facts) -> Void] = [
        { $0.id = "1123456789" }, { $0.name = "else" }, { $0.tier = "tier-1" }, { $0.team = nil }, { $0.models = [] },
        { $0.createdAt = Timestamp(seconds: 9) }, { $0.expiresAt = nil }, { $0.revokedAt = Timestamp(seconds: 9) },
        { $0.suspendedAt = Timestamp(seconds: 9) }, { $0.limits.own = [.budgetPerDay: 1] }, { $0.digest = .example(2) },
        { $0.predecessors = [.init(digest: .example(3), validUntil: Timestamp(seconds: 9))] },
    ]

    @Test func equalWhereEveryFactIs() {
        #expect(changes.count == Mirror(reflecting: Facts()).children.count)
        #expect(Facts().record == Facts().record)
        for (index, change) in changes.enumerated() {
            var facts = Facts()
            change(&facts)
            #expect(facts.record != Facts().record, "change \(index)")
            #expect(facts.record == facts.record, "change \(index)")
        }
    }

    @Test func predecessorsDifferInBothFacts() {
        let predecessor = KeyRecord.Predecessor(digest: .example(1), validUntil: Timestamp(seconds: 1))
        #expect(predecessor != .init(digest: .example(2), validUntil: Timestamp(seconds: 1)))
        #expect(predecessor != .init(digest: .example(1), validUntil: Timestamp(seconds: 2)))
    }
}
