import Bytes
import Clocks

extension LimiterState {
    /// Admits `request` of `key`, and holds the most that it can use.
    mutating func admit(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> Reservation {
        let now = passTime(to: now)
        let indices = enter(key, at: now)
        shares.note(indices.key, in: &scopes.usages, at: now.monotonic)
        let limits = limits(at: indices)
        let bound = OutputBound(request, limits)
        if !bound.isOpen, let refusal = tooLarge(bound.reserved, limits, key) { throw refusal }
        let prices = rules.prices.prices(of: request.model, at: now.wall).values
        let input = limits.countTokens ? ratios.hold(for: request, of: key) : nil
        let held = Self.amounts(of: request, input, output: bound.reserved, prices)
        let amounts = SlotAmounts(held)
        if var refusal = refusal(of: amounts, indices, key, at: now) {
            let least = Self.amounts(of: request, input, output: min(1, bound.reserved), prices)
            refusal.fitsWithLessOutput = bound.reserved > 1 && least[refusal.kind.unit] <= refusal.left
            throw refusal
        }
        if let input { ratios.begin(input) }
        pauses.end(of: indices.key)
        let made = windows.numbers
        var positions = Reservation.Positions()
        scopes.usages[indices.key].reserve(amounts, madeIn: made, &positions.key)
        if let team = indices.team { scopes.usages[team].reserve(amounts, madeIn: made, &positions.team) }
        scopes.usages[ScopeTable.account].reserve(amounts, madeIn: made, &positions.account)
        return Reservation(
            scopes: indices, windows: made, held: held, positions: positions, lastCharge: amounts.rates, input: input,
            outputPrice: prices.highestOutputPrice(of: request.kind), isOpen: bound.isOpen, overrun: limits.key.overrun,
            writtenBound: bound.written, rates: rates(at: indices, at: now))
    }

    /// The limits of a key whose tier is gone.
    private static let noLimits = TierLimits(Tier(name: ""))

    /// The limits of the scopes at `indices`.
    @inline(__always)
    func limits(at indices: ScopeTable.Indices) -> ScopeLimits {
        ScopeLimits(
            key: scopes.usages[indices.key].limits ?? Self.noLimits,
            team: indices.team.flatMap { scopes.usages[$0].limits }, account: rules.account)
    }

    /// Refuses a request that asks for more output than a tier allows for one request.
    func tooLarge(_ outputTokens: Int64, _ limits: ScopeLimits, _ key: KeyRecord) -> LimitRefusal? {
        func check(_ limits: TierLimits?, _ scope: LimitScope) -> LimitRefusal? {
            guard let limit = limits?.maxOutputTokens, outputTokens > limit else { return nil }
            return LimitRefusal(
                scope: scope, kind: .maxOutputTokens, limit: limit, used: 0, reserved: 0, asked: outputTokens,
                remedy: .askForLess)
        }
        return check(limits.key, .key) ?? check(limits.team, .team(key.team ?? ""))
            ?? check(limits.account, .account)
    }

    /// The most that the request can use, with what was learned of its `input`.
    private static func amounts(
        of request: LimitedRequest, _ input: InputRatios.Hold?, output: Int64, _ prices: ModelPrices
    ) -> LimitAmounts {
        var units = request.units
        units.inputTokens = request.mostInputTokens - (input?.uncovered ?? 0)
        units.outputTokens = output
        return LimitAmounts(
            requests: 1, tokens: min(request.units.inputTokens, units.inputTokens).addingSaturated(output),
            outputTokens: output, cost: prices.cost(of: prices.dearest(units), kind: request.kind).amount)
    }

    /// The limit that `amounts` do not fit under: of all scopes the one that has room last.
    mutating func refusal(
        of amounts: borrowing SlotAmounts, _ indices: ScopeTable.Indices, _ key: KeyRecord, at now: LimitTime
    ) -> LimitRefusal? {
        if var worst = violation(to: amounts, indices, key, at: now) {
            if case .time(let wait) = worst.violation.way, rules.account != nil {
                worst.violation.way = shares.way(
                    for: amounts, of: indices.key, in: scopes.usages, windows, at: now, after: wait)
            }
            return refusal(worst.violation, worst.scope, isShare: false, indices, at: now)
        }
        guard rules.account != nil else { return nil }
        let violation = shares.violation(
            to: amounts, of: indices.key, in: &scopes.usages, windows, at: now)
        guard let violation else { return nil }
        return refusal(violation, .account, isShare: true, indices, at: now)
    }

    private mutating func refusal(
        _ violation: LimitViolation, _ scope: LimitScope, isShare: Bool, _ indices: ScopeTable.Indices,
        at now: LimitTime
    ) -> LimitRefusal {
        LimitRefusal(
            scope: scope, kind: violation.kind, limit: violation.limit, used: violation.used,
            reserved: violation.reserved, asked: violation.asked,
            remedy: remedy(violation.way, of: indices.key, at: now),
            isShare: isShare,
            rates: rates(at: indices, at: now))
    }

    private mutating func remedy(
        _ way: LimitViolation.Way, of index: Int, at now: LimitTime
    ) -> LimitRefusal.Remedy {
        switch way {
        case .time(let microseconds): .wait(microseconds: microseconds)
        case .others(let least, let most):
            .unknown(pause: max(least, min(pauses.pause(of: index, at: now.monotonic), most)))
        case .exhausted: .raiseLimit
        case .never: .askForLess
        }
    }

    private mutating func violation(
        to amounts: borrowing SlotAmounts, _ indices: ScopeTable.Indices, _ key: KeyRecord, at now: LimitTime
    ) -> (violation: LimitViolation, scope: LimitScope)? {
        let made = windows.numbers
        var worst: (violation: LimitViolation, scope: LimitScope)?
        func keepWorse(_ violation: LimitViolation?, _ scope: LimitScope) {
            guard let violation else { return }
            guard let known = worst else {
                worst = (violation, scope)
                return
            }
            if violation.isWorse(than: known.violation) { worst = (violation, scope) }
            worst?.violation.way = known.violation.way & violation.way
        }
        keepWorse(scopes.usages[indices.key].violation(to: amounts, madeIn: made, windows, at: now), .key)
        if let team = indices.team {
            keepWorse(scopes.usages[team].violation(to: amounts, madeIn: made, windows, at: now), .team(key.team ?? ""))
        }
        keepWorse(scopes.usages[ScopeTable.account].violation(to: amounts, madeIn: made, windows, at: now), .account)
        return worst
    }
}
