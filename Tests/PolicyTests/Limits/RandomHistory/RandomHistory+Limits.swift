import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Limits, and their changes.
extension RandomHistory {
    func reconfigure() {
        for name in ["one", "two", "team", "account"] {
            var tier = Tier(name: name)
            for kind in LimitKind.allCases where chance(35) { tier[kind] = random(Self.range(of: kind)) }
            tier.weight = Int(random(1...4))
            if name == "account", hasQueue {
                for kind in LimitKind.allCases where kind.form != .rate { tier[kind] = nil }
            }
            if hasQueue { tier.queue = Tier.Queue() }
            // The same parts at any time, so that a reload or a move to another tier adds none.
            if hasSharedParts || name == "one" || name == "two" {
                for entry in ["gpt-oss:120b", "*a"] { tier.perModel[entry] = part(30) }
                tier.perUser = part(100)
            }
            model.tiers[name] = tier
        }
        model.teams = hasSharedParts || chance(70) ? ["red": "team"] : [:]
        model.account = hasSharedParts || chance(70) ? "account" : nil
    }

    /// Limits of a part. Users who use nothing of their limits are forgotten, so these have one of every kind.
    func part(_ percent: Int64) -> [LimitKind: Int64] {
        var limits: [LimitKind: Int64] = [:]
        for kind in LimitKind.allCases where chance(percent) {
            let range = Self.range(of: kind)
            limits[kind] = random(range) + (percent == 100 ? range.upperBound : 0)
        }
        return limits
    }

    /// Limits that are reached within a history, and not at once.
    static func range(of kind: LimitKind) -> ClosedRange<Int64> {
        switch (kind.form, kind.unit) {
        case (.rate, .requests): 1...30
        case (.rate, _): 100...8000
        case (.window, .requests): 3...60
        case (.window, .tokens), (.window, .outputTokens): 300...9000
        case (.window, .money): 3_000_000...150_000_000
        case (.concurrent, _): 1...6
        case (.perRequest, _): 400...900
        }
    }

    /// Gives a key limits of its own, or grants that end soon.
    func adjust() {
        // They wait with the limits that the key had.
        leaveAll()
        model.advance(followed)
        let key = keys.randomElement(using: &generator)!
        var limits = KeyLimits()
        for kind in LimitKind.allCases where chance(15) { limits.own[kind] = random(Self.range(of: kind)) }
        // Buckets of a key that is silent drain at the limit of its last request.
        for kind in LimitKind.allCases where kind.form != .rate && chance(20) {
            limits.grants.append(
                LimitGrant(
                    kind: kind,
                    raise: chance(50) ? .percent(random(1...200)) : .amount(random(Self.range(of: kind))),
                    until: Timestamp(microseconds: followed.wall.microseconds + random(0...40_000_000_000))))
        }
        model.limitsOf[key] = limits
        model.advance(followed)
        _ = limiter.rates(of: record(key), at: now)
    }

    func move() {
        leaveAll()
        model.advance(followed)
        let key = keys.randomElement(using: &generator)!
        model.tierOf[key] = chance(50) ? "one" : "two"
        _ = limiter.rates(of: record(key), at: now)
    }

    func reload() {
        model.advance(followed)
        reconfigure()
        // What is not limited any more is not remembered.
        model.advance(followed)
        limiter.replace(rules, at: now)
    }
}
