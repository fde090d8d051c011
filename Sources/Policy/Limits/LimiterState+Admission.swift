import Bytes
import Clocks

extension LimiterState {
    /// Admits `request` of `key`, and holds the most that it can use.
    mutating func admit(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> Reservation {
        let now = passTime(to: now)
        let indices = enter(key, model: request.model, user: request.user, at: now)
        shares.note(indices.key, in: &scopes.usages, at: now.monotonic)
        let limits = limits(at: indices)
        let bound = OutputBound(request, limits)
        if !bound.isOpen, let most = limits.maxOutputTokens, bound.reserved > most,
            let refusal = tooLarge(bound.reserved, indices)
        {
            throw refusal
        }
        let prices = rules.prices.prices(of: request.model, at: now.wall).values
        let input = limits.limitsOutput ? ratios.hold(for: request, of: key) : nil
        let held = Self.amounts(of: request, input, output: bound.reserved, prices)
        let amounts = SlotAmounts(held)
        let worst = worstViolation(by: amounts, indices, at: now)
        if mayRefuse(worst), var refusal = refusal(worst, to: amounts, indices, at: now) {
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
        let parts = heldParts.insert(indices.parts)
        if parts >= 0 { reserveParts(at: parts, amounts, madeIn: made) }
        return Reservation(
            key: indices.key, team: indices.team, parts: parts, windows: made, held: held, positions: positions,
            lastCharge: amounts.rates, input: input,
            outputPrice: prices.highestOutputPrice(of: request.kind), isOpen: bound.isOpen, overrun: limits.overrun,
            writtenBound: bound.written, rates: rates(at: indices, at: now))
    }

    /// The limits of a key whose tier is gone.
    private static let noLimits = TierLimits(Tier(name: ""))

    /// The limits of the scopes at `indices`.
    @inline(__always)
    func limits(at indices: ScopeTable.Indices) -> ScopeLimits {
        var limits = ScopeLimits(key: scopes.usages[indices.key].limits ?? Self.noLimits)
        for place in 1..<indices.count {
            if let further = scopes.usages[indices[place]].limits { limits.add(further) }
        }
        return limits
    }

    /// Refuses a request that asks for more output than a limit allows for one request.
    @inline(never)
    func tooLarge(_ outputTokens: Int64, _ indices: ScopeTable.Indices) -> LimitRefusal? {
        var refusal: LimitRefusal?
        indices.forEach { index in
            guard refusal == nil, let limit = scopes.usages[index].limits?.maxOutputTokens, outputTokens > limit else {
                return
            }
            let (owner, part) = owner(of: index, in: indices)
            refusal = LimitRefusal(
                scope: scope(at: owner), part: part, kind: .maxOutputTokens, limit: limit, used: 0, reserved: 0,
                asked: outputTokens, remedy: .askForLess)
        }
        return refusal
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
        of amounts: borrowing SlotAmounts, _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> LimitRefusal? {
        let worst = worstViolation(by: amounts, indices, at: now)
        return mayRefuse(worst) ? refusal(worst, to: amounts, indices, at: now) : nil
    }

    /// Of all scopes the violation that has room last.
    @inline(__always)
    private mutating func worstViolation(
        by amounts: borrowing SlotAmounts, _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> (violation: LimitViolation, index: Int)? {
        var worst: (violation: LimitViolation, index: Int)?
        for place in 0..<indices.count {
            let index = indices[place]
            guard let violation = violation(to: amounts, at: index, now) else { continue }
            worst = Self.worse(worst, violation, at: index)
        }
        return worst
    }

    /// False where nothing is left to ask, as for most requests: a refusal is large, also one that is none.
    @inline(__always)
    private func mayRefuse(_ worst: (violation: LimitViolation, index: Int)?) -> Bool {
        worst != nil || rules.account != nil
    }

    /// The limit of the scope at `index` that `amounts` of a new request do not fit under.
    @inline(__always)
    mutating func violation(
        to amounts: borrowing SlotAmounts, at index: Int, _ now: LimitTime
    ) -> LimitViolation? {
        scopes.usages[index].violation(to: amounts, madeIn: windows.numbers, windows, at: now)
    }

    /// Of two violations the one that has room later, with the way in which both have.
    static func worse(
        _ known: (violation: LimitViolation, index: Int)?, _ other: LimitViolation?, at index: Int
    ) -> (violation: LimitViolation, index: Int)? {
        guard let other else { return known }
        guard let known else { return (other, index) }
        var worst = other.isWorse(than: known.violation) ? (violation: other, index: index) : known
        worst.violation.way = known.violation.way & other.way
        return worst
    }

    /// The refusal for the violation `worst`, or for the shares of other keys.
    @inline(never)
    mutating func refusal(
        _ worst: (violation: LimitViolation, index: Int)?, to amounts: borrowing SlotAmounts,
        _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> LimitRefusal? {
        if var worst {
            if case .time(let wait) = worst.violation.way, rules.account != nil {
                worst.violation.way = shares.way(
                    for: amounts, of: indices.key, in: scopes.usages, windows, at: now, after: wait)
            }
            return refusal(worst.violation, of: worst.index, isShare: false, indices, at: now)
        }
        guard rules.account != nil else { return nil }
        let violation = shares.violation(
            to: amounts, of: indices.key, in: &scopes.usages, windows, at: now)
        guard let violation else { return nil }
        return refusal(violation, of: ScopeTable.account, isShare: true, indices, at: now)
    }

    private mutating func refusal(
        _ violation: LimitViolation, of index: Int, isShare: Bool, _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> LimitRefusal {
        let (owner, part) = owner(of: index, in: indices)
        return LimitRefusal(
            scope: scope(at: owner), part: part, kind: violation.kind, limit: violation.limit, used: violation.used,
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
}
