import Bytes
import Clocks

extension LimiterState {
    /// Adds `outputTokens` to `reservation`, where all limits have room for them.
    mutating func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
        let now = passTime(to: now)
        advance(indices(of: reservation), at: now)
        let added = LimitAmounts(
            tokens: outputTokens, outputTokens: outputTokens,
            cost: outputTokens.multipliedSaturated(by: reservation.outputPrice))
        return add(added, to: &reservation, checkedIn: reservation.windows, at: now)
    }

    /// Adds `cost` to `reservation`, where all limits have room for it, those of windows that began after it included.
    mutating func extend(
        _ reservation: inout Reservation, by cost: NanoEuros, of key: KeyRecord, at now: LimitTime
    ) -> Bool {
        let now = passTime(to: now)
        _ = enter(key, at: now)
        advance(indices(of: reservation), at: now)
        let added = LimitAmounts(cost: cost.amount)
        guard add(added, to: &reservation, checkedIn: windows.numbers, at: now) else { return false }
        let amounts = SlotAmounts(added)
        let made = reservation.windows
        indices(of: reservation).forEach { scopes.usages[$0].addToWindows(amounts, after: made) }
        return true
    }

    /// Adds `added` to `reservation`, where all limits of the windows `checked` have room for it.
    private mutating func add(
        _ added: LimitAmounts, to reservation: inout Reservation, checkedIn checked: CurrentWindows.Numbers,
        at now: LimitTime
    ) -> Bool {
        let indices = indices(of: reservation)
        let amounts = SlotAmounts(added)
        let made = reservation.windows
        for place in 0..<indices.count {
            let violation = scopes.usages[indices[place]].violation(to: amounts, madeIn: checked, windows, at: now)
            guard violation == nil else { return false }
        }
        scopes.usages[indices.key].reserve(amounts, madeIn: made, &reservation.positions.key)
        if let team = indices.team {
            scopes.usages[team].reserve(amounts, madeIn: made, &reservation.positions.team)
        }
        scopes.usages[ScopeTable.account].reserve(amounts, madeIn: made, &reservation.positions.account)
        if reservation.parts >= 0 { reserveParts(at: reservation.parts, amounts, madeIn: made) }
        if !windows.areCurrent(made) {
            forEachLeftWindow(indices, madeIn: made) { left, scope, slot, window in
                left.hold(amounts.windows[slot], scope: scope, slot: slot, window: window)
            }
        }
        reservation.held = reservation.held + added
        // Limits of requests were charged once, at admission.
        for slot in amounts.rates.indices where amounts.rates[slot] > 0 {
            reservation.lastCharge[slot] = amounts.rates[slot]
        }
        return true
    }

    /// Replaces the amounts that `reservation` held by the usage.
    ///
    /// - Parameters:
    ///   - model: the model that was billed, which may be another one than was admitted.
    ///   - user: the user of the request; nil where nothing was billed.
    mutating func settle(
        _ reservation: borrowing Reservation, _ outcome: LimitOutcome, model: String? = nil, user: String? = nil,
        inputTokens: Int64? = nil, at now: LimitTime
    ) -> [LimitAlert] {
        let now = passTime(to: now)
        if let input = reservation.input { ratios.end(input, tokens: inputTokens) }
        let indices = indices(of: reservation)
        advance(indices, at: now)
        let amounts = SettledAmounts(reservation, outcome)
        scopes.usages[indices.key].settle(amounts, reservation.positions.key)
        if let team = indices.team { scopes.usages[team].settle(amounts, reservation.positions.team) }
        scopes.usages[ScopeTable.account].settle(amounts, reservation.positions.account)
        var counted = indices
        if rules.haveParts || reservation.parts >= 0 {
            counted.parts = settleParts(of: reservation, outcome, amounts, model, user, at: now)
        }
        if !windows.areCurrent(reservation.windows) {
            settleLeftWindows(of: reservation, outcome, heldIn: indices, countedIn: counted)
        }
        return alerts(counted)
    }

    /// Calls `body` for each of `scopes` and each of the windows `made` that is not current.
    private mutating func forEachLeftWindow(
        _ scopes: ScopeTable.Indices, madeIn made: CurrentWindows.Numbers,
        _ body: (inout LeftReservations, _ scope: Int, _ slot: Int, _ window: Int32) -> Void
    ) {
        let current = windows.numbers
        for slot in made.indices where made[slot] != current[slot] {
            scopes.forEach { body(&left, $0, slot, made[slot]) }
        }
    }

    /// Ends `reservation` in the windows that are not current. Usage of windows to come is kept: they were left by a clock
    /// that was set back. The ledger has the usage of the others.
    ///
    /// - Parameters:
    ///   - scopes: the scopes that have held its amounts.
    ///   - counting: the scopes that count its usage.
    private mutating func settleLeftWindows(
        of reservation: borrowing Reservation, _ outcome: LimitOutcome, heldIn scopes: ScopeTable.Indices,
        countedIn counting: ScopeTable.Indices
    ) {
        let held = SlotAmounts(reservation.held)
        forEachLeftWindow(scopes, madeIn: reservation.windows) { left, scope, slot, window in
            left.giveBack(held.windows[slot], scope: scope, slot: slot, window: window)
        }
        let second = CurrentWindows.start(of: reservation.windows)
        guard second >= windows.firstEnd else { return }
        future.add(
            FutureUsage.Entry(
                second: second, scopes: counting, amounts: outcome.usage(of: reservation.held)))
    }

    /// Counts a further request upstream for one of `key` that is in flight, where all limits have room for it.
    mutating func countRequest(of key: KeyRecord, user: String, at now: LimitTime) throws(LimitRefusal) {
        let now = passTime(to: now)
        let indices = enter(key, user: user, at: now)
        let request = LimitAmounts(requests: 1)
        if let refusal = refusal(of: SlotAmounts(request, startsRequests: false), indices, at: now) {
            throw refusal
        }
        forEachScope(of: indices) { $0.charge(request) }
    }

    mutating func alerts(_ indices: ScopeTable.Indices) -> [LimitAlert] {
        var alerts: [LimitAlert] = []
        indices.forEach { addAlerts(of: $0, in: indices, to: &alerts) }
        return alerts
    }

    /// Adds the alerts that are due in the scope at `index`: one of `indices`, or a part of one.
    @inline(__always)
    mutating func addAlerts(of index: Int, in indices: ScopeTable.Indices, to alerts: inout [LimitAlert]) {
        if scopes.usages[index].mayAlert() { addReachedAlerts(of: index, in: indices, to: &alerts) }
    }

    @inline(never)
    private mutating func addReachedAlerts(
        of index: Int, in indices: ScopeTable.Indices, to alerts: inout [LimitAlert]
    ) {
        var reached: [(kind: LimitKind.WindowKind, percent: Int, limit: Int64, used: Int64)] = []
        scopes.usages[index].forEachAlert { reached.append(($0, $1, $2, $3)) }
        for limit in reached {
            let (owner, part) = owner(of: index, in: indices)
            alerts.append(
                LimitAlert(
                    subject: scopes.usages[owner].name, scope: scope(at: owner), part: part, kind: limit.kind.kind,
                    percent: limit.percent, limit: limit.limit, used: limit.used,
                    window: windows.reportedSeconds(of: limit.kind.window)))
        }
    }
}
