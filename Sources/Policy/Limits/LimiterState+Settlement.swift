import Bytes
import Clocks

extension LimiterState {
    /// Adds `outputTokens` to `reservation`, where all limits have room for them.
    mutating func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
        let now = passTime(to: now)
        advance(reservation.scopes, at: now)
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
        advance(reservation.scopes, at: now)
        let added = LimitAmounts(cost: cost.amount)
        guard add(added, to: &reservation, checkedIn: windows.numbers, at: now) else { return false }
        let indices = reservation.scopes
        let amounts = SlotAmounts(added)
        scopes.usages[indices.key].addToWindows(amounts, after: reservation.windows)
        if let team = indices.team { scopes.usages[team].addToWindows(amounts, after: reservation.windows) }
        scopes.usages[ScopeTable.account].addToWindows(amounts, after: reservation.windows)
        return true
    }

    /// Adds `added` to `reservation`, where all limits of the windows `checked` have room for it.
    private mutating func add(
        _ added: LimitAmounts, to reservation: inout Reservation, checkedIn checked: CurrentWindows.Numbers,
        at now: LimitTime
    ) -> Bool {
        let indices = reservation.scopes
        let amounts = SlotAmounts(added)
        let made = reservation.windows
        func fits(_ index: Int) -> Bool {
            scopes.usages[index].violation(to: amounts, madeIn: checked, windows, at: now) == nil
        }
        guard fits(indices.key), indices.team.map(fits) ?? true, fits(ScopeTable.account) else { return false }
        scopes.usages[indices.key].reserve(amounts, madeIn: made, &reservation.positions.key)
        if let team = indices.team {
            scopes.usages[team].reserve(amounts, madeIn: made, &reservation.positions.team)
        }
        scopes.usages[ScopeTable.account].reserve(amounts, madeIn: made, &reservation.positions.account)
        if !windows.areCurrent(made) {
            forEachLeftWindow(of: reservation) { left, scope, slot, window in
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
    mutating func settle(
        _ reservation: borrowing Reservation, _ outcome: LimitOutcome, inputTokens: Int64? = nil, at now: LimitTime
    ) -> [LimitAlert] {
        let now = passTime(to: now)
        if let input = reservation.input { ratios.end(input, tokens: inputTokens) }
        let indices = reservation.scopes
        advance(indices, at: now)
        let amounts = SettledAmounts(reservation, outcome)
        scopes.usages[indices.key].settle(amounts, reservation.positions.key)
        if let team = indices.team { scopes.usages[team].settle(amounts, reservation.positions.team) }
        scopes.usages[ScopeTable.account].settle(amounts, reservation.positions.account)
        if !windows.areCurrent(reservation.windows) { settleLeftWindows(of: reservation, outcome) }
        return alerts(indices)
    }

    /// Calls `body` for each scope and each window in which `reservation` was made and which is not current.
    private mutating func forEachLeftWindow(
        of reservation: borrowing Reservation,
        _ body: (inout LeftReservations, _ scope: Int, _ slot: Int, _ window: Int32) -> Void
    ) {
        let indices = reservation.scopes
        let made = reservation.windows
        let current = windows.numbers
        for slot in made.indices where made[slot] != current[slot] {
            body(&left, indices.key, slot, made[slot])
            if let team = indices.team { body(&left, team, slot, made[slot]) }
            body(&left, ScopeTable.account, slot, made[slot])
        }
    }

    /// Ends `reservation` in the windows that are not current. Usage of windows to come is kept: they were left by a clock
    /// that was set back. The ledger has the usage of the others.
    private mutating func settleLeftWindows(of reservation: borrowing Reservation, _ outcome: LimitOutcome) {
        let held = SlotAmounts(reservation.held)
        forEachLeftWindow(of: reservation) { left, scope, slot, window in
            left.giveBack(held.windows[slot], scope: scope, slot: slot, window: window)
        }
        let second = CurrentWindows.start(of: reservation.windows)
        guard second >= windows.firstEnd else { return }
        future.add(
            FutureUsage.Entry(
                second: second, scopes: reservation.scopes, amounts: outcome.usage(of: reservation.held)))
    }

    /// Counts a further request upstream for one of `key` that is in flight, where all limits have room for it.
    mutating func countRequest(of key: KeyRecord, at now: LimitTime) throws(LimitRefusal) {
        let now = passTime(to: now)
        let indices = enter(key, at: now)
        let request = LimitAmounts(requests: 1)
        if let refusal = refusal(of: SlotAmounts(request, startsRequests: false), indices, key, at: now) {
            throw refusal
        }
        forEachScope(of: indices) { $0.charge(request) }
    }

    mutating func alerts(_ indices: ScopeTable.Indices) -> [LimitAlert] {
        var alerts: [LimitAlert] = []
        func collect(_ index: Int, _ scope: (String) -> LimitScope) {
            let name = scopes.usages[index].name
            scopes.usages[index].forEachAlert { kind, percent, limit, used in
                alerts.append(
                    LimitAlert(
                        subject: name, scope: scope(name), kind: kind.kind, percent: percent, limit: limit, used: used,
                        window: windows.reportedSeconds(of: kind.window)))
            }
        }
        collect(indices.key) { _ in .key }
        if let team = indices.team { collect(team) { .team($0) } }
        collect(ScopeTable.account) { _ in .account }
        return alerts
    }
}
