import Bytes
import Clocks

/// The limits of one key's own, beside those of its tier, and what was granted for a while.
package struct KeyLimits: Sendable, Equatable {
    /// The limits by kind. Of the key's and the tier's limit of a kind the lower one holds.
    package var own: [LimitKind: Int64]
    /// Raises for a while, the first one first. Those that have ended have no effect.
    package var grants: [LimitGrant]

    /// These limits; none by default.
    package init(own: [LimitKind: Int64] = [:], grants: [LimitGrant] = []) {
        self.own = own
        self.grants = grants
    }

    /// True without any limit and any grant.
    package var isEmpty: Bool { own.isEmpty && grants.isEmpty }

    /// The first end of a grant after `now`; nil without any.
    func nextEnd(after now: Timestamp) -> Timestamp? { grants.map(\.until).filter { $0 > now }.min() }
}

/// A limit of a key that is higher until a moment.
package struct LimitGrant: Sendable, Hashable {
    /// The size of a raise.
    package enum Raise: Sendable, Hashable {
        /// So many percent of the limit.
        case percent(Int64)
        /// So much, in the unit of the limit.
        case amount(Int64)

        /// The amount that is added to `limit`; saturated.
        package func amount(of limit: Int64) -> Int64 {
            switch self {
            case .percent(let percent): Int64(clamping: Int128(limit) * Int128(percent) / 100)
            case .amount(let amount): amount
            }
        }
    }

    /// The limit that is raised.
    package let kind: LimitKind
    /// The size.
    package let raise: Raise
    /// The end. The limit is as before from then on.
    package let until: Timestamp

    /// A grant with these facts.
    package init(kind: LimitKind, raise: Raise, until: Timestamp) {
        self.kind = kind
        self.raise = raise
        self.until = until
    }

    /// The size as people write it, `+50%` or `+20`; money in EUR.
    package var sizeText: String {
        switch raise {
        case .percent(let percent): "+\(percent)%"
        case .amount(let amount): "+\(kind.plainAmount(amount))"
        }
    }
}

extension Tier {
    /// The tier with the limits that hold for one key at `now`. Grants add to each other; without a limit they raise nothing.
    package func adjusted(by limits: KeyLimits, at now: Timestamp) -> Tier {
        var tier = self
        for (kind, limit) in limits.own { tier[kind] = min(tier[kind] ?? limit, limit) }
        let base = tier
        for grant in limits.grants where now < grant.until {
            guard let limit = base[grant.kind] else { continue }
            tier[grant.kind] = tier[grant.kind]?.addingSaturated(grant.raise.amount(of: limit))
        }
        return tier
    }
}
