import Clocks

@testable import Policy

extension KeyDigest {
    /// A digest that differs from that of every other number in its first word alone.
    static func example(_ number: UInt64) -> KeyDigest { KeyDigest(number, 2, 3, 4) }
}

extension KeyRecord {
    /// A valid key, but for what is named.
    static func example(
        id: String = "0123456789", tier: String = "monthly", models: [String]? = nil, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil, suspendedAt: Timestamp? = nil, digest: KeyDigest = .example(1),
        predecessors: [Predecessor] = []
    ) -> KeyRecord {
        KeyRecord(
            id: id, name: "somebody", tier: tier, models: models, createdAt: Timestamp(seconds: 1),
            expiresAt: expiresAt,
            revokedAt: revokedAt, suspendedAt: suspendedAt, digest: digest, predecessors: predecessors)
    }
}

extension Tier {
    /// A tier with these lists.
    static func example(_ name: String, models: [String]? = nil, endpoints: [String]? = nil) -> Tier {
        var tier = Tier(name: name)
        tier.models = models?.map(NamePattern.init)
        tier.endpoints = endpoints?.map(NamePattern.init)
        return tier
    }
}
