import Bytes
import Clocks

/// What a limiter guards: the use of all scopes, and the rules that it is held against.
struct LimiterState {
    private var rules: LimitRules
    private var windows = CurrentWindows()
    /// The account first, then keys and teams as they come. None goes away: a key's history outlives its moves between tiers.
    private var scopes: [ScopeUsage]
    private var keys: [String: Int] = [:]
    private var teams: [String: Int] = [:]
    private var shares = FairShares()

    private static let account = 0

    init(_ rules: LimitRules) {
        self.rules = rules
        scopes = [ScopeUsage(name: "account", limits: rules.account)]
    }

    /// The scopes of one request.
    private struct Places {
        let key: Int
        let team: Int?
    }

    mutating func replace(_ rules: LimitRules, at now: LimitTime) {
        windows.advance(to: now.wall, in: self.rules.zone)
        for index in scopes.indices { scopes[index].advance(to: now.monotonic, windows) }
        if self.rules.zone != rules.zone { windows.adopt(rules.zone, at: now.wall) }
        self.rules = rules
        scopes[Self.account].limits = rules.account
        for index in keys.values { scopes[index].limits = scopes[index].limits.flatMap { rules.tier($0.name) } }
        for (name, index) in teams { scopes[index].limits = rules.team(name) }
    }

    // MARK: Admit

    mutating func admit(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> Reservation {
        let places = enter(key, at: now)
        shares.note(places.key, in: &scopes, at: now.monotonic)
        let limits = ScopeLimits(
            key: scopes[places.key].limits ?? Self.noLimits, team: places.team.flatMap { scopes[$0].limits },
            account: rules.account)
        let bound = OutputBound(request, limits)
        if let refusal = tooLarge(bound, places, key) { throw refusal }
        let prices = rules.prices.prices(of: request.model)
        let amounts = Self.amounts(of: request, bound, prices)
        if let refusal = refusal(of: amounts, places, key, at: now) { throw refusal }
        let made = windows.numbers
        var positions = Reservation.Positions()
        positions.key = scopes[places.key].reserve(amounts, isNew: true, madeIn: made)
        if let team = places.team { positions.team = scopes[team].reserve(amounts, isNew: true, madeIn: made) }
        positions.account = scopes[Self.account].reserve(amounts, isNew: true, madeIn: made)
        return Reservation(
            key: places.key, team: places.team, windows: made, held: amounts, positions: positions,
            chargedLast: amounts.tokens,
            outputPrice: prices.dearestOutput(of: request.kind), isOpen: bound.isOpen, overrun: limits.key.overrun,
            writtenBound: bound.written, rates: rates(at: places, at: now))
    }

    private static let noLimits = TierLimits(Tier(name: ""))

    /// Finds or makes the scopes of `key`, and brings all of them up to `now`.
    private mutating func enter(_ key: KeyRecord, at now: LimitTime) -> Places {
        windows.advance(to: now.wall, in: rules.zone)
        let own = place(of: key)
        // Under the limits that held until now, then under those of a tier that the key may have moved to.
        scopes[own].advance(to: now.monotonic, windows)
        if scopes[own].limits?.name != key.tier { scopes[own].limits = rules.tier(key.tier) }
        let team = key.team.map { name in
            let place = place(ofTeam: name, of: key)
            scopes[place].advance(to: now.monotonic, windows)
            return place
        }
        scopes[Self.account].advance(to: now.monotonic, windows)
        return Places(key: own, team: team)
    }

    private mutating func place(of key: KeyRecord) -> Int {
        let hint = key.place.load(ordering: .relaxed)
        if hint != Self.account, hint < scopes.count, !scopes[hint].isTeam, scopes[hint].name == key.id { return hint }
        let place = place(ofKey: key.id)
        key.place.store(place, ordering: .relaxed)
        return place
    }

    private mutating func place(ofTeam name: String, of key: KeyRecord) -> Int {
        let hint = key.teamPlace.load(ordering: .relaxed)
        if hint != Self.account, hint < scopes.count, scopes[hint].isTeam, scopes[hint].name == name { return hint }
        let place = place(ofTeam: name)
        key.teamPlace.store(place, ordering: .relaxed)
        return place
    }

    private mutating func place(ofKey id: String) -> Int {
        if let place = keys[id] { return place }
        scopes.append(ScopeUsage(name: id))
        keys[id] = scopes.count - 1
        return scopes.count - 1
    }

    /// A team's limits change with the rules alone.
    private mutating func place(ofTeam name: String) -> Int {
        if let place = teams[name] { return place }
        scopes.append(ScopeUsage(name: name, isTeam: true, limits: rules.team(name)))
        teams[name] = scopes.count - 1
        return scopes.count - 1
    }

    /// Whether the request asks for more output than a tier lets one request have.
    private func tooLarge(_ bound: OutputBound, _ places: Places, _ key: KeyRecord) -> LimitRefusal? {
        func check(_ place: Int, _ scope: LimitScope) -> LimitRefusal? {
            guard !bound.isOpen, let limit = scopes[place].limits?.maxOutputTokens, bound.reserved > limit else {
                return nil
            }
            return LimitRefusal(
                scope: scope, kind: .maxOutputTokens, limit: limit, used: 0, reserved: 0, asked: bound.reserved,
                remedy: .askForLess)
        }
        return check(places.key, .key) ?? places.team.flatMap { check($0, .team(key.team ?? "")) }
            ?? check(Self.account, .account)
    }

    /// The most that the request can use.
    private static func amounts(of request: LimitedRequest, _ bound: OutputBound, _ prices: ModelPrices) -> LimitAmounts
    {
        var units = request.units
        units.inputTokens = request.mostInputTokens
        units.outputTokens = bound.reserved
        // As if all output were of the dearest kind.
        units.reasoningTokens = (prices.reasoning ?? prices.output) > prices.output ? bound.reserved : 0
        return LimitAmounts(
            tokens: request.units.inputTokens.addingSaturated(bound.reserved), outputTokens: bound.reserved,
            cost: prices.cost(of: units, kind: request.kind).amount)
    }

    /// Why `amounts` do not fit, in whichever scope it lasts longest.
    private mutating func refusal(
        of amounts: LimitAmounts, _ places: Places, _ key: KeyRecord, at now: LimitTime
    ) -> LimitRefusal? {
        let made = windows.numbers
        var worst: (violation: LimitViolation, scope: LimitScope)?
        func take(_ violation: LimitViolation?, _ scope: LimitScope) {
            guard let violation else { return }
            if let known = worst, known.violation.severity >= violation.severity { return }
            worst = (violation, scope)
        }
        take(scopes[places.key].violation(to: amounts, isNew: true, madeIn: made, windows, at: now), .key)
        if let team = places.team {
            take(
                scopes[team].violation(to: amounts, isNew: true, madeIn: made, windows, at: now), .team(key.team ?? ""))
        }
        take(scopes[Self.account].violation(to: amounts, isNew: true, madeIn: made, windows, at: now), .account)
        var isShare = false
        if worst == nil, rules.account != nil {
            take(
                shares.violation(
                    to: amounts, of: places.key, isNew: true, account: Self.account, in: &scopes, windows, at: now),
                .account)
            isShare = worst != nil
        }
        guard let worst else { return nil }
        let violation = worst.violation
        return LimitRefusal(
            scope: worst.scope, kind: violation.kind, limit: violation.limit, used: violation.used,
            reserved: violation.reserved, asked: violation.asked, remedy: violation.remedy, isShare: isShare,
            rates: rates(at: places, at: now))
    }

    // MARK: Extend and settle

    mutating func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
        advance(reservation, at: now)
        let cost = outputTokens.multipliedReportingOverflow(by: reservation.outputPrice)
        let amounts = LimitAmounts(
            tokens: outputTokens, outputTokens: outputTokens, cost: cost.overflow ? .max : cost.partialValue)
        let made = reservation.windows
        func fits(_ place: Int) -> Bool {
            scopes[place].violation(to: amounts, isNew: false, madeIn: made, windows, at: now) == nil
        }
        guard fits(reservation.key), reservation.team.map(fits) ?? true, fits(Self.account) else { return false }
        reservation.positions.key.tokens = scopes[reservation.key].reserve(amounts, isNew: false, madeIn: made).tokens
        if let team = reservation.team {
            reservation.positions.team.tokens = scopes[team].reserve(amounts, isNew: false, madeIn: made).tokens
        }
        reservation.positions.account.tokens = scopes[Self.account].reserve(amounts, isNew: false, madeIn: made).tokens
        reservation.chargedLast = amounts.tokens
        reservation.held = LimitAmounts(
            tokens: reservation.held.tokens + amounts.tokens,
            outputTokens: reservation.held.outputTokens + amounts.outputTokens,
            cost: reservation.held.cost + amounts.cost)
        return true
    }

    mutating func settle(_ reservation: borrowing Reservation, _ outcome: LimitOutcome, at now: LimitTime)
        -> [LimitAlert]
    {
        advance(reservation, at: now)
        scopes[reservation.key].settle(reservation, reservation.positions.key, outcome)
        if let team = reservation.team { scopes[team].settle(reservation, reservation.positions.team, outcome) }
        scopes[Self.account].settle(reservation, reservation.positions.account, outcome)
        return alerts(key: reservation.key, team: reservation.team)
    }

    mutating func charge(_ amounts: LimitAmounts, to key: KeyRecord, at now: LimitTime) -> [LimitAlert] {
        let places = enter(key, at: now)
        add(amounts, to: places.key)
        if let team = places.team { add(amounts, to: team) }
        add(amounts, to: Self.account)
        return alerts(key: places.key, team: places.team)
    }

    private mutating func add(_ amounts: LimitAmounts, to place: Int) {
        _ = scopes[place].tokens.charge(amounts.tokens)
        scopes[place].hourOutput.add(amounts.outputTokens)
        scopes[place].dayOutput.add(amounts.outputTokens)
        scopes[place].dayCost.add(amounts.cost)
        scopes[place].monthCost.add(amounts.cost)
    }

    private mutating func advance(_ reservation: borrowing Reservation, at now: LimitTime) {
        windows.advance(to: now.wall, in: rules.zone)
        scopes[reservation.key].advance(to: now.monotonic, windows)
        if let team = reservation.team { scopes[team].advance(to: now.monotonic, windows) }
        scopes[Self.account].advance(to: now.monotonic, windows)
    }

    private mutating func alerts(key: Int, team: Int?) -> [LimitAlert] {
        var alerts: [LimitAlert] = []
        func collect(_ place: Int, _ scope: (String) -> LimitScope) {
            let name = scopes[place].name
            scopes[place].forEachAlert(windows) { kind, percent, limit, used, window in
                alerts.append(
                    LimitAlert(
                        subject: name, scope: scope(name), kind: kind, percent: percent, limit: limit, used: used,
                        window: window))
            }
        }
        collect(key) { _ in .key }
        if let team { collect(team) { .team($0) } }
        collect(Self.account) { _ in .account }
        return alerts
    }

    // MARK: Look

    mutating func rates(of key: KeyRecord, at now: LimitTime) -> RateLimits {
        let places = enter(key, at: now)
        return rates(at: places, at: now)
    }

    private func rates(at places: Places, at now: LimitTime) -> RateLimits {
        var rates = RateLimits()
        scopes[places.key].addRates(to: &rates, windows, at: now)
        if let team = places.team { scopes[team].addRates(to: &rates, windows, at: now) }
        scopes[Self.account].addRates(to: &rates, windows, at: now)
        return rates
    }

    mutating func states(of key: KeyRecord?, at now: LimitTime) -> [LimitState] {
        var states: [LimitState] = []
        func collect(_ place: Int, _ scope: LimitScope) {
            let tier = scopes[place].limits?.name ?? ""
            scopes[place].forEachLimit(windows) { kind, limit, used, reserved, window in
                states.append(
                    LimitState(
                        scope: scope, tier: tier, kind: kind, limit: limit, used: used, reserved: reserved,
                        window: window))
            }
        }
        if let key {
            let places = enter(key, at: now)
            collect(places.key, .key)
            if let team = places.team { collect(team, .team(key.team ?? "")) }
        } else {
            windows.advance(to: now.wall, in: rules.zone)
            scopes[Self.account].advance(to: now.monotonic, windows)
        }
        collect(Self.account, .account)
        return states
    }

    // MARK: Restore

    /// From when on requests are told of. A bucket that nobody has overdrawn is empty after a minute without a request.
    private static let recently = Duration.seconds(180)

    mutating func historySpan(at now: LimitTime) -> LimitHistory.Span {
        windows.advance(to: now.wall, in: rules.zone)
        func start(_ window: CurrentWindows.Window) -> Timestamp { Timestamp(seconds: window.seconds.lowerBound) }
        return LimitHistory.Span(
            hour: start(windows.hour), day: start(windows.day), month: start(windows.month),
            recent: rules.limitMinutes ? now.wall + (.zero - Self.recently) : nil)
    }

    mutating func restore(_ history: LimitHistory, keys records: KeySnapshot, at now: LimitTime) {
        windows.advance(to: now.wall, in: rules.zone)
        func add(_ uses: [LimitHistory.Use], _ add: (inout ScopeUsage, LimitAmounts) -> Void) {
            for use in uses {
                for place in restored(use.keyID, use.team, records) {
                    scopes[place].advance(to: .min, windows)
                    add(&scopes[place], use.amounts)
                }
            }
        }
        add(history.hour) { $0.hourOutput.add($1.outputTokens) }
        add(history.day) { scope, used in
            scope.dayOutput.add(used.outputTokens)
            scope.dayCost.add(used.cost)
        }
        add(history.month) { $0.monthCost.add($1.cost) }
        for requests in history.recent {
            let then = now.monotonic - max(0, now.wall.microseconds - requests.startedAt.microseconds)
            for place in restored(requests.keyID, requests.team, records) {
                scopes[place].advance(to: then, windows)
                _ = scopes[place].requests.charge(min(requests.count, LimitAmounts.most))
                _ = scopes[place].tokens.charge(min(requests.tokens, LimitAmounts.most))
            }
        }
        // What was reached before has been told of before.
        for place in scopes.indices { scopes[place].forEachAlert(windows) { _, _, _, _, _ in } }
    }

    private mutating func restored(_ keyID: String, _ teamName: String?, _ records: KeySnapshot) -> [Int] {
        let key = place(ofKey: keyID)
        scopes[key].limits = records[keyID].flatMap { rules.tier($0.tier) }
        guard let teamName else { return [key, Self.account] }
        return [key, place(ofTeam: teamName), Self.account]
    }
}
