import Clocks
import Foundation

@testable import Policy

/// The limits as one would say them to a child: a list of all requests, and every question answered by counting them. Slow, and
/// written without a line of what it is held against: windows come from Foundation's calendar, buckets are lists.
final class LimitModel {
    struct Request {
        var key: String
        var team: String?
        var wall: Int64
        var held: LimitAmounts
        var used: LimitAmounts?
        var isOpen: Bool { used == nil }
    }

    /// A bucket as a queue of who has charged how much.
    struct Bucket {
        var queue: [(owner: Int, parts: Int64)] = []
        var at = Int64.min

        var level: Int64 { queue.reduce(0) { $0 + $1.parts } }

        mutating func take(_ amount: Int64) {
            var amount = amount
            while amount > 0, !queue.isEmpty {
                let part = min(amount, queue[0].parts)
                queue[0].parts -= part
                amount -= part
                if queue[0].parts == 0 { queue.removeFirst() }
            }
        }

        mutating func drain(at now: Int64, _ limit: Int64?) {
            if let limit { if at != .min, now > at { take((now - at) * limit) } } else { queue = [] }
            at = max(at, now)
        }

        mutating func giveBack(_ parts: Int64, of owner: Int) {
            take(min(parts, queue.filter { $0.owner == owner }.reduce(0) { $0 + $1.parts }))
        }
    }

    var tiers: [String: Tier]
    var teams: [String: String]
    var account: String?
    let calendar: Calendar
    var requests: [Request] = []
    var buckets: [String: (requests: Bucket, tokens: Bucket)] = [:]
    /// The last limits of each key's bucket, which drained until now.
    var rates: [String: (Int64?, Int64?)] = [:]
    var windowEnds: [Calendar.Component: Range<Int64>] = [:]
    var askedAt: [String: Int64] = [:]
    var tierOf: [String: String] = [:]

    init(tiers: [String: Tier], teams: [String: String], account: String?, calendar: Calendar) {
        self.tiers = tiers
        self.teams = teams
        self.account = account
        self.calendar = calendar
    }

    /// The scopes of a request by name.
    func scopes(_ key: String, _ team: String?) -> [String] {
        ["key " + key] + (team.map { ["team " + $0] } ?? []) + ["account"]
    }

    func tier(_ scope: String) -> Tier? {
        if scope == "account" { return account.flatMap { tiers[$0] } }
        if scope.hasPrefix("team ") { return teams[String(scope.dropFirst(5))].flatMap { tiers[$0] } }
        return tierOf[String(scope.dropFirst(4))].flatMap { tiers[$0] }
    }

    /// The window at the clock's latest time: a window that was begun stays until its end.
    func window(_ component: Calendar.Component, _ now: LimitTime) -> Range<Int64> {
        let second = now.wall.seconds
        if let known = windowEnds[component], second < known.upperBound { return known }
        let interval = calendar.dateInterval(of: component, for: Date(timeIntervalSince1970: Double(second)))!
        let range = Int64(interval.start.timeIntervalSince1970)..<Int64(interval.end.timeIntervalSince1970)
        windowEnds[component] = range
        return range
    }

    func advance(_ now: LimitTime) {
        for component in [Calendar.Component.hour, .day, .month] { _ = window(component, now) }
        for scope in buckets.keys {
            buckets[scope]!.requests.drain(at: now.monotonic, tier(scope)?.requestsPerMinute)
            buckets[scope]!.tokens.drain(at: now.monotonic, tier(scope)?.tokensPerMinute)
        }
    }

    func concerns(_ request: Request, _ scope: String) -> Bool { scopes(request.key, request.team).contains(scope) }

    /// What is used and held in a window. Walls are those of the windows: a request belongs where it was admitted.
    func sums(_ scope: String, _ component: Calendar.Component, _ value: (LimitAmounts) -> Int64) -> (
        used: Int64, reserved: Int64
    ) {
        let range = windowEnds[component]!
        var sums: (used: Int64, reserved: Int64) = (0, 0)
        for request in requests where concerns(request, scope) && range.contains(request.wall) {
            if let used = request.used { sums.used += value(used) } else { sums.reserved += value(request.held) }
        }
        return sums
    }

    func inFlight(_ scope: String) -> Int64 { Int64(requests.filter { $0.isOpen && concerns($0, scope) }.count) }

    func taken(_ scope: String, _ kind: LimitKind) -> Int64 {
        func all(_ component: Calendar.Component, _ value: (LimitAmounts) -> Int64) -> Int64 {
            let sums = sums(scope, component, value)
            return sums.used + sums.reserved
        }
        return switch kind {
        case .outputTokensPerHour: all(.hour) { $0.outputTokens }
        case .outputTokensPerDay: all(.day) { $0.outputTokens }
        case .budgetPerDay: all(.day) { $0.cost }
        case .budgetPerMonth: all(.month) { $0.cost }
        default: inFlight(scope)
        }
    }

    static func limit(_ kind: LimitKind, _ tier: Tier) -> Int64? {
        switch kind {
        case .outputTokensPerHour: tier.outputTokensPerHour
        case .outputTokensPerDay: tier.outputTokensPerDay
        case .budgetPerDay: tier.budgetPerDay?.amount
        case .budgetPerMonth: tier.budgetPerMonth?.amount
        case .concurrentRequests: tier.concurrentRequests
        default: nil
        }
    }

    static let calendarKinds: [LimitKind] = [.outputTokensPerHour, .outputTokensPerDay, .budgetPerDay, .budgetPerMonth]

    /// Whether `amounts` fit everywhere.
    func admits(
        _ key: String, _ team: String?, _ amounts: LimitAmounts, isNew: Bool, at now: LimitTime,
        since wall: Int64? = nil
    ) -> Bool {
        for scope in scopes(key, team) {
            guard let tier = tier(scope) else { continue }
            let bucket = buckets[scope]
            if isNew, let limit = tier.requestsPerMinute,
                (bucket?.requests.level ?? 0) + 60_000_000 > limit * 60_000_000
            {
                return false
            }
            if let limit = tier.tokensPerMinute, amounts.tokens > 0,
                (bucket?.tokens.level ?? 0) + amounts.tokens * 60_000_000 > limit * 60_000_000
            {
                return false
            }
            for kind in Self.calendarKinds + (isNew ? [.concurrentRequests] : []) {
                guard let limit = Self.limit(kind, tier), asked(kind, amounts) > 0 else { continue }
                if let wall, let window = component(kind).flatMap({ windowEnds[$0] }), !window.contains(wall) {
                    continue
                }
                if taken(scope, kind) + asked(kind, amounts) > limit { return false }
            }
        }
        return true
    }

    func component(_ kind: LimitKind) -> Calendar.Component? {
        switch kind {
        case .outputTokensPerHour: .hour
        case .outputTokensPerDay, .budgetPerDay: .day
        case .budgetPerMonth: .month
        default: nil
        }
    }

    func asked(_ kind: LimitKind, _ amounts: LimitAmounts) -> Int64 {
        switch kind {
        case .outputTokensPerHour, .outputTokensPerDay: amounts.outputTokens
        case .budgetPerDay, .budgetPerMonth: amounts.cost
        default: 1
        }
    }

    /// Whether the account is fair to let `key` have it.
    func isFair(_ key: String, _ amounts: LimitAmounts, at now: LimitTime) -> Bool {
        guard let account, let tier = tiers[account] else { return true }
        let active = askedAt.filter { inFlight("key " + $0.key) > 0 || now.monotonic - $0.value < 60_000_000 }.keys
        let weights = active.reduce(Int64(0)) { $0 + Int64(self.tier("key " + $1)?.weight ?? 1) }
        func share(_ limit: Int64, _ key: String) -> Int64 {
            Int64((Double(limit) * Double(self.tier("key " + key)?.weight ?? 1) / Double(weights)).rounded(.down))
        }
        for kind in Self.calendarKinds + [.concurrentRequests] {
            guard let limit = Self.limit(kind, tier), asked(kind, amounts) > 0, active.count > 1 else { continue }
            if taken("key " + key, kind) + asked(kind, amounts) <= share(limit, key) { continue }
            let others = active.filter { $0 != key }.reduce(Int64(0)) {
                $0 + max(0, share(limit, $1) - taken("key " + $1, kind))
            }
            if limit - taken("account", kind) - asked(kind, amounts) < others { return false }
        }
        return true
    }

    /// Where a wall clock time belongs: never before the current windows.
    func place(_ now: LimitTime) -> Int64 { max(now.wall.seconds, windowEnds.values.map(\.lowerBound).max()!) }

    func add(_ key: String, _ team: String?, _ amounts: LimitAmounts, at now: LimitTime) -> Int {
        requests.append(Request(key: key, team: team, wall: place(now), held: amounts))
        let owner = requests.count - 1
        for scope in scopes(key, team) {
            charge(scope, owner, requests: 1, tokens: amounts.tokens, at: now)
        }
        return owner
    }

    func charge(_ scope: String, _ owner: Int, requests: Int64, tokens: Int64, at now: LimitTime) {
        var bucket = buckets[scope] ?? (Bucket(at: now.monotonic), Bucket(at: now.monotonic))
        if requests > 0 { bucket.requests.queue.append((owner, requests * 60_000_000)) }
        if tokens > 0 { bucket.tokens.queue.append((owner, tokens * 60_000_000)) }
        buckets[scope] = bucket
    }

    func settle(_ owner: Int, _ outcome: LimitOutcome, at now: LimitTime) {
        let request = requests[owner]
        for scope in scopes(request.key, request.team) {
            var used = LimitAmounts()
            if case .used(let amounts) = outcome {
                used = amounts
            } else {
                buckets[scope]!.requests.giveBack(60_000_000, of: owner)
            }
            if used.tokens < request.held.tokens {
                buckets[scope]!.tokens.giveBack((request.held.tokens - used.tokens) * 60_000_000, of: owner)
            } else {
                charge(scope, owner, requests: 0, tokens: used.tokens - request.held.tokens, at: now)
            }
        }
        requests[owner].used = if case .used(let amounts) = outcome { amounts } else { LimitAmounts() }
    }
}
