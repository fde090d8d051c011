import Clocks
import Foundation

@testable import Policy

/// The limits in their plainest form: a list of all requests, and every question answered by adding them up.
///
/// It is slow, and shares no line with the limiter but the table of kinds. Windows come from Foundation's calendar, buckets are
/// lists.
final class LimitModel {
    struct Request {
        var key: String
        var team: String?
        var model: String?
        var user = ""
        var scopes: [String]
        /// The bits of `scopes`, which are compared faster.
        var mask: UInt64 = 0
        /// The second that decides its windows.
        var wall: Int64
        var held: LimitAmounts
        /// The usage, once the request has ended.
        var used: LimitAmounts?
        /// The lines of one model of a batch: held in every window, in the limits that count batches alone, and used when it ends.
        var isBatch = false
        var isCredit = false
        /// The scopes that hold nothing: those of another model than was asked for.
        var billedScopes: Set<String> = []
        var isOpen: Bool { used == nil }
    }

    /// A bucket as a queue of charges.
    struct Bucket {
        var queue: [(owner: Int, parts: Int64)] = []
        var at = Int64.min

        var level: Int64 { queue.reduce(0) { $0 + $1.parts } }

        mutating func remove(_ amount: Int64) {
            var amount = amount
            while amount > 0, !queue.isEmpty {
                let part = min(amount, queue[0].parts)
                queue[0].parts -= part
                amount -= part
                if queue[0].parts == 0 { queue.removeFirst() }
            }
        }

        mutating func drain(at now: Int64, _ limit: Int64?) {
            if let limit { if at != .min, now > at { remove((now - at) * limit) } } else { queue = [] }
            at = max(at, now)
        }

        mutating func giveBack(_ parts: Int64, of owner: Int) {
            remove(min(parts, queue.filter { $0.owner == owner }.reduce(0) { $0 + $1.parts }))
        }
    }

    var tiers: [String: Tier]
    var teams: [String: String]
    var account: String?
    let calendar: Calendar
    var requests: [Request] = []
    /// Buckets by scope and limit.
    var buckets: [String: [LimitKind: Bucket]] = [:]
    var windows: [LimitWindow: Range<Int64>] = [:]
    var askedAt: [String: Int64] = [:]
    var tierOf: [String: String] = [:]
    var limitsOf: [String: KeyLimits] = [:]
    private var bits: [String: Int] = [:]
    /// The wall time at which grants hold.
    var wall = Timestamp(seconds: 0)

    init(tiers: [String: Tier], teams: [String: String], account: String?, calendar: Calendar) {
        self.tiers = tiers
        self.teams = teams
        self.account = account
        self.calendar = calendar
    }

    static let rateKinds = LimitKind.allCases.filter { $0.form == .rate }

    // MARK: Scopes and windows

    /// The scopes of a request by name. A part has the name of its owner after a bar.
    func scopes(_ key: String, _ team: String?, _ model: String?, _ user: String) -> [String] {
        let owners = ["key " + key] + (team.map { ["team " + $0] } ?? []) + ["account"]
        return owners
            + owners.flatMap { owner -> [String] in
                guard let tier = tier(owner) else { return [] }
                let matching = tier.perModel.keys.filter { entry in
                    model.map { NamePattern(entry).matches($0) } ?? false
                }
                let entry = matching.first { $0 == model } ?? matching.max { $0.utf8.count < $1.utf8.count }
                return (entry.map { ["model \($0)|\(owner)"] } ?? [])
                    + (tier.perUser.isEmpty ? [] : ["user \(user)|\(owner)"])
            }
    }

    func tier(_ scope: String) -> Tier? {
        if let bar = scope.firstIndex(of: "|") {
            guard let owner = tier(String(scope[scope.index(after: bar)...])) else { return nil }
            let limits = scope.hasPrefix("user ") ? owner.perUser : owner.perModel[String(scope[..<bar].dropFirst(6))]
            var part = Tier(name: owner.name)
            for (kind, limit) in limits ?? [:] { part[kind] = limit }
            return part
        }
        if scope == "account" { return account.flatMap { tiers[$0] } }
        if scope.hasPrefix("team ") { return teams[String(scope.dropFirst(5))].flatMap { tiers[$0] } }
        let key = String(scope.dropFirst(4))
        guard var tier = tierOf[key].flatMap({ tiers[$0] }), let limits = limitsOf[key] else {
            return tierOf[key].flatMap { tiers[$0] }
        }
        for (kind, limit) in limits.own where limit < tier[kind] ?? .max { tier[kind] = limit }
        for kind in LimitKind.allCases {
            guard let limit = tier[kind] else { continue }
            for grant in limits.grants where grant.kind == kind && wall < grant.until {
                switch grant.raise {
                case .percent(let percent): tier[kind]! += limit * percent / 100
                case .amount(let amount): tier[kind]! += amount
                }
            }
        }
        return tier
    }

    /// The window at the time that limits go by.
    func window(_ window: LimitWindow, _ now: LimitTime) -> Range<Int64> {
        let second = now.wall.seconds
        if let known = windows[window], known.contains(second) { return known }
        let component: Calendar.Component
        switch window {
        case .hour: component = .hour
        case .day: component = .day
        case .week: component = .weekOfYear
        case .month: component = .month
        case .total:
            windows[window] = .min ..< .max
            return .min ..< .max
        }
        let interval = calendar.dateInterval(of: component, for: Date(timeIntervalSince1970: Double(second)))!
        let range = Int64(interval.start.timeIntervalSince1970)..<Int64(interval.end.timeIntervalSince1970)
        windows[window] = range
        return range
    }

    func advance(_ now: LimitTime) {
        for window in LimitWindow.allCases { _ = self.window(window, now) }
        wall = now.wall
        drainBuckets(at: now.monotonic)
    }

    func drainBuckets(at now: Int64) {
        for scope in buckets.keys {
            let tier = tier(scope)
            for kind in Self.rateKinds { buckets[scope]![kind]?.drain(at: now, tier?[kind]) }
        }
    }

    // MARK: Sums

    func amount(_ kind: LimitKind, _ amounts: LimitAmounts) -> Int64 {
        switch kind.unit {
        case .requests: amounts.requests
        case .tokens: amounts.tokens
        case .outputTokens: amounts.outputTokens
        case .money: amounts.cost
        }
    }

    /// The bits of scopes: a history has fewer than 64.
    func mask(_ scopes: [String]) -> UInt64 {
        scopes.reduce(0) { mask, scope in
            let bit = bits[scope] ?? bits.count
            bits[scope] = bit
            return mask | 1 << UInt64(bit)
        }
    }

    /// The requests that count for `scope`.
    func requests(of scope: String) -> [Request] {
        let mask = mask([scope])
        return requests.filter { $0.mask & mask != 0 }
    }

    /// Usage and reservations in the current window of `kind`. Requests in flight are used.
    func sums(_ scope: String, _ kind: LimitKind) -> (used: Int64, reserved: Int64) {
        sums(kind, of: requests(of: scope))
    }

    /// The same for `requests`, those of one scope.
    func sums(_ kind: LimitKind, of requests: [Request]) -> (used: Int64, reserved: Int64) {
        guard case .window(let window) = kind.form else { return (inFlight(requests), 0) }
        let range = windows[window]!
        var sums: (used: Int64, reserved: Int64) = (0, 0)
        for request in requests {
            guard !request.isBatch || kind.countsBatches,
                range.contains(request.wall) || request.isBatch && request.isOpen
            else { continue }
            if let used = request.used {
                sums.used += amount(kind, used)
            } else if kind.unit == .requests {
                sums.used += amount(kind, request.held)
            } else {
                sums.reserved += amount(kind, request.held)
            }
        }
        return sums
    }

    func inFlight(_ scope: String) -> Int64 { inFlight(requests(of: scope)) }

    private func inFlight(_ requests: [Request]) -> Int64 { Int64(requests.count { $0.isOpen && !$0.isBatch }) }

    func taken(_ scope: String, _ kind: LimitKind) -> Int64 {
        let sums = sums(scope, kind)
        return sums.used + sums.reserved
    }

    func level(_ scope: String, _ kind: LimitKind) -> Int64 { buckets[scope]?[kind]?.level ?? 0 }

    // MARK: Decisions

    /// Amounts of a request, or of the lines of one model of a batch.
    struct Ask {
        var scopes: [String]
        var amounts: LimitAmounts
    }

    /// Returns true where all of `asks` together fit under all limits.
    ///
    /// - Parameter wall: the second that decided the windows of a request in flight; nil for a new request.
    func admits(_ asks: [Ask], since wall: Int64? = nil, isBatch: Bool = false) -> Bool {
        for scope in Set(asks.flatMap(\.scopes)) {
            guard let tier = tier(scope) else { continue }
            let amounts = asks.filter { $0.scopes.contains(scope) }.reduce(LimitAmounts()) { $0 + $1.amounts }
            let requests = requests(of: scope)
            for kind in LimitKind.allCases where !isBatch || kind.countsBatches {
                if let limit = tier[kind], !admits(scope, requests, kind, limit, amounts, since: wall) { return false }
            }
        }
        return true
    }

    private func admits(
        _ scope: String, _ requests: [Request], _ kind: LimitKind, _ limit: Int64, _ amounts: LimitAmounts,
        since wall: Int64?
    ) -> Bool {
        func taken() -> Int64 {
            let sums = sums(kind, of: requests)
            return sums.used + sums.reserved
        }
        let asked = amount(kind, amounts)
        guard asked > 0 else { return true }
        switch kind.form {
        case .rate: return level(scope, kind) + asked * 60_000_000 <= limit * 60_000_000
        case .window(let window):
            if let wall, !windows[window]!.contains(wall) { return true }
            return taken() + asked <= limit
        case .concurrent: return taken() + asked <= limit
        case .perRequest: return wall != nil || asked <= limit
        }
    }

    /// Returns true where `amounts` leave other keys their shares of the account.
    func isFair(_ key: String, _ amounts: LimitAmounts, at now: LimitTime, isBatch: Bool = false) -> Bool {
        guard let account, let tier = tiers[account] else { return true }
        let active = askedAt.filter { inFlight("key " + $0.key) > 0 || now.monotonic - $0.value < 60_000_000 }.keys
        let weights = active.reduce(Int64(0)) { $0 + Int64(self.tier("key " + $1)?.weight ?? 1) }
        func share(_ limit: Int64, _ key: String) -> Int64 {
            Int64((Double(limit) * Double(self.tier("key " + key)?.weight ?? 1) / Double(weights)).rounded(.down))
        }
        for kind in LimitKind.allCases where kind.form != .rate && kind.form != .perRequest {
            if isBatch, !kind.countsBatches { continue }
            let asked = amount(kind, amounts)
            guard let limit = tier[kind], asked > 0, active.count > 1 else { continue }
            if taken("key " + key, kind) + asked <= share(limit, key) { continue }
            let others = active.filter { $0 != key }.reduce(Int64(0)) {
                $0 + max(0, share(limit, $1) - taken("key " + $1, kind))
            }
            if limit - taken("account", kind) - asked < others { return false }
        }
        return true
    }

    // MARK: Requests

    private func append(_ request: Request) {
        requests.append(request)
        requests[requests.count - 1].mask = mask(request.scopes)
    }

    func add(
        _ key: String, _ team: String?, _ model: String?, _ user: String, _ amounts: LimitAmounts, at now: LimitTime
    ) -> Int {
        append(
            Request(
                key: key, team: team, model: model, user: user, scopes: scopes(key, team, model, user),
                wall: now.wall.seconds, held: amounts))
        let owner = requests.count - 1
        charge(owner, amounts, at: now)
        return owner
    }

    /// Adds the lines of `model` of a batch, which no bucket counts. Batches have no user.
    func addBatch(
        _ key: String, _ team: String?, _ model: String, _ amounts: LimitAmounts, at now: LimitTime
    ) -> Int {
        append(
            Request(
                key: key, team: team, model: model, scopes: scopes(key, team, model, ""), wall: now.wall.seconds,
                held: amounts, isBatch: true))
        return requests.count - 1
    }

    /// Ends a batch: its usage belongs to the windows of that time.
    func settleBatch(_ owner: Int, _ amounts: LimitAmounts, at now: LimitTime) {
        requests[owner].used = amounts
        requests[owner].wall = now.wall.seconds
    }

    func extend(_ owner: Int, by amounts: LimitAmounts, at now: LimitTime) {
        requests[owner].held = requests[owner].held + amounts
        // Of several charges only the last one can be given back.
        for scope in requests[owner].scopes {
            for kind in Self.rateKinds where amount(kind, amounts) > 0 {
                for index in (buckets[scope]?[kind]?.queue ?? []).indices
                where buckets[scope]![kind]!.queue[index].owner == owner {
                    buckets[scope]![kind]!.queue[index].owner = -1
                }
            }
        }
        charge(owner, amounts, at: now)
    }

    /// Counts a credit of a key, which neither the account nor a part sees.
    func credit(_ key: String, _ team: String?, _ change: Int64, at now: LimitTime) {
        let scopes = ["key " + key] + (team.map { ["team " + $0] } ?? [])
        append(
            Request(
                key: key, team: team, scopes: scopes, wall: now.wall.seconds, held: LimitAmounts(),
                used: .change(ofCost: change), isCredit: true))
    }

    /// Ends a request, of which `model` was billed.
    func settle(_ owner: Int, _ outcome: LimitOutcome, model: String?, at now: LimitTime) {
        if case .used = outcome, model != requests[owner].model { bill(owner, model, at: now) }
        settle(owner, outcome, at: now)
    }

    /// Moves what a request holds of minutes to the limits of another model.
    private func bill(_ owner: Int, _ model: String?, at now: LimitTime) {
        let request = requests[owner]
        let scopes = scopes(request.key, request.team, model, request.user)
        for scope in Set(request.scopes).subtracting(scopes) {
            for kind in Self.rateKinds {
                buckets[scope]?[kind]?.giveBack(amount(kind, request.held) * 60_000_000, of: owner)
            }
        }
        requests[owner].model = model
        requests[owner].scopes = scopes
        requests[owner].mask = mask(scopes)
        requests[owner].billedScopes = Set(scopes).subtracting(request.scopes)
    }

    private func settle(_ owner: Int, _ outcome: LimitOutcome, at now: LimitTime) {
        let held = requests[owner].held
        var used = LimitAmounts()
        if case .used(let amounts) = outcome {
            used = amounts
            used.requests = 1
        }
        for scope in requests[owner].scopes {
            for kind in Self.rateKinds {
                let isNew = requests[owner].billedScopes.contains(scope)
                let excess = (isNew ? 0 : amount(kind, held)) - amount(kind, used)
                if excess > 0 { buckets[scope]?[kind]?.giveBack(excess * 60_000_000, of: owner) }
                charge(scope, kind, owner, -excess, at: now)
            }
        }
        requests[owner].used = used
    }

    private func charge(_ owner: Int, _ amounts: LimitAmounts, at now: LimitTime) {
        for scope in requests[owner].scopes {
            for kind in Self.rateKinds { charge(scope, kind, owner, amount(kind, amounts), at: now) }
        }
    }

    private func charge(_ scope: String, _ kind: LimitKind, _ owner: Int, _ amount: Int64, at now: LimitTime) {
        guard amount > 0 else { return }
        buckets[scope, default: [:]][kind, default: Bucket(at: now.monotonic)].queue.append(
            (owner, amount * 60_000_000))
    }
}
