import Bytes
import Clocks

extension LimiterState {
    /// Adds `outputTokens` to `reservation`, where all limits have room for them.
    mutating func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
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
        reservation.held = reservation.held + added
        // Limits of requests were charged once, at admission.
        for slot in amounts.rates.indices where amounts.rates[slot] > 0 {
            reservation.lastCharge[slot] = amounts.rates[slot]
        }
        return true
    }

    /// Replaces the amounts that `reservation` held by the usage.
    mutating func settle(_ reservation: borrowing Reservation, _ outcome: LimitOutcome, at now: LimitTime)
        -> [LimitAlert]
    {
        let indices = reservation.scopes
        advance(indices, at: now)
        let amounts = SettledAmounts(reservation, outcome)
        scopes.usages[indices.key].settle(amounts, reservation.positions.key)
        if let team = indices.team { scopes.usages[team].settle(amounts, reservation.positions.team) }
        scopes.usages[ScopeTable.account].settle(amounts, reservation.positions.account)
        return alerts(indices)
    }

    /// Counts usage without a reservation.
    mutating func charge(_ amounts: LimitAmounts, to key: KeyRecord, at now: LimitTime) -> [LimitAlert] {
        let indices = enter(key, at: now)
        charge(amounts, to: indices)
        return alerts(indices)
    }

    private mutating func charge(_ amounts: LimitAmounts, to indices: ScopeTable.Indices) {
        scopes.usages[indices.key].charge(amounts)
        if let team = indices.team { scopes.usages[team].charge(amounts) }
        scopes.usages[ScopeTable.account].charge(amounts)
    }

    /// Counts a further request upstream for one of `key` that is in flight, where all limits have room for it.
    mutating func countRequest(of key: KeyRecord, at now: LimitTime) throws(LimitRefusal) {
        let indices = enter(key, at: now)
        let request = LimitAmounts(requests: 1)
        if let refusal = refusal(of: SlotAmounts(request, startsRequests: false), indices, key, at: now) {
            throw refusal
        }
        charge(request, to: indices)
    }

    private mutating func alerts(_ indices: ScopeTable.Indices) -> [LimitAlert] {
        var alerts: [LimitAlert] = []
        func collect(_ index: Int, _ scope: (String) -> LimitScope) {
            let name = scopes.usages[index].name
            scopes.usages[index].forEachAlert { kind, percent, limit, used in
                alerts.append(
                    LimitAlert(
                        subject: name, scope: scope(name), kind: kind.kind, percent: percent, limit: limit, used: used,
                        window: windows.seconds(of: kind.window)))
            }
        }
        collect(indices.key) { _ in .key }
        if let team = indices.team { collect(team) { .team($0) } }
        collect(ScopeTable.account) { _ in .account }
        return alerts
    }
}
