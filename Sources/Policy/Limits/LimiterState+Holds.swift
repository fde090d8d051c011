import Bytes

/// Amounts of a batch in one scope.
struct BatchShare: Sendable {
    /// The scope, as an index of `ScopeTable.usages`.
    let index: Int
    let amounts: SlotAmounts
}

extension LimiterState {
    /// Holds the most that `lines` can use, of `key`, until they are billed.
    mutating func hold(
        _ lines: BatchLines, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> LastingHold {
        let now = passTime(to: now)
        let indices = enter(key, user: "", at: now)
        shares.note(indices.key, in: &scopes.usages, at: now.monotonic)
        if let refusal = tooLarge(lines, indices, at: now) { throw refusal }
        let lines = lines.bounded { model in
            let models = adding(model, to: indices, at: now)
            let limits = limits(at: models)
            return limits.maxOutputTokens ?? limits.outputReservation
        }
        let used = lines.most(rules.prices, at: now.wall)
        let held = shares(of: used, indices, at: now)
        var worst: (violation: LimitViolation, index: Int)?
        for share in held {
            scopes.usages[share.index].enter(windows.numbers, at: share.index, &left)
            worst = Self.worse(worst, violation(to: share.amounts, at: share.index, now), at: share.index)
        }
        let sum = SlotAmounts(ofBatch: used.sum)
        if let refusal = refusal(worst, to: sum, indices, at: now) { throw refusal }
        return hold(lines, held, indices)
    }

    /// Refuses lines that ask for more output than a limit allows for one request.
    private mutating func tooLarge(
        _ lines: BatchLines, _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> LimitRefusal? {
        if let refusal = tooLarge(lines.largestOutput, indices) { return refusal }
        guard rules.haveParts else { return nil }
        for (model, part) in lines.models {
            let models = adding(model, to: indices, at: now)
            if let refusal = tooLarge(part.largestOutput ?? lines.largestOutput, models) { return refusal }
        }
        return nil
    }

    /// Holds the most that `lines` can use, as before a restart: whether it fits was decided then.
    mutating func resumeHold(
        _ lines: BatchLines, keyID: String, team: String?, keys: KeySnapshot, at now: LimitTime
    ) -> LastingHold {
        let now = passTime(to: now)
        let indices = restoredScopes(UsageOwner(keyID: keyID, team: team, user: ""), keys, at: now)
        return hold(lines, shares(of: lines.most(rules.prices, at: now.wall), indices, at: now), indices)
    }

    private mutating func hold(
        _ lines: BatchLines, _ held: [BatchShare], _ indices: ScopeTable.Indices
    ) -> LastingHold {
        for share in held {
            scopes.usages[share.index].enter(windows.numbers, at: share.index, &left)
            scopes.usages[share.index].hold(share.amounts)
        }
        return LastingHold(lines, indices, held)
    }

    /// Replaces the amounts of `hold` by the usage of each model. At a second call nothing is left to give back.
    mutating func settle(_ hold: LastingHold, _ used: [ModelAmounts], at now: LimitTime) -> [LimitAlert] {
        let now = passTime(to: now)
        if hold.end() {
            for share in hold.held {
                advance(share.index, at: now)
                scopes.usages[share.index].giveBack(share.amounts)
            }
        }
        let used = shares(of: used, hold.scopes, at: now)
        for share in used {
            advance(share.index, at: now)
            scopes.usages[share.index].addOfBatch(share.amounts)
        }
        var alerts: [LimitAlert] = []
        for share in used { addAlerts(of: share.index, in: hold.scopes, to: &alerts) }
        return alerts
    }

    /// The amounts of a batch in each scope: the sum in those of `indices`, and in the parts for models their own.
    private mutating func shares(
        of amounts: [ModelAmounts], _ indices: ScopeTable.Indices, at now: LimitTime
    ) -> [BatchShare] {
        var shares: [BatchShare] = []
        let sum = SlotAmounts(ofBatch: amounts.sum)
        indices.forEach { shares.append(BatchShare(index: $0, amounts: sum)) }
        guard rules.haveParts else { return shares }
        var ofModels: [Int: LimitAmounts] = [:]
        for entry in amounts {
            let models = parts(for: entry.model, of: indices, at: now)
            for place in 0..<models.count {
                let part = models[place]
                ofModels[part] = (ofModels[part] ?? LimitAmounts()) + entry.amounts
            }
        }
        return shares + ofModels.map { BatchShare(index: $0.key, amounts: SlotAmounts(ofBatch: $0.value)) }
    }

    /// `indices` with their parts for `model`.
    private mutating func adding(
        _ model: String?, to indices: ScopeTable.Indices, at now: LimitTime
    ) -> ScopeTable.Indices {
        var all = indices
        all.parts.append(parts(for: model, of: indices, at: now))
        return all
    }

    /// The parts of the scopes of `indices` for `model`.
    private mutating func parts(
        for model: String?, of indices: ScopeTable.Indices, at now: LimitTime
    ) -> PartIndices {
        var models = ScopeTable.Indices(key: indices.key, team: indices.team)
        if rules.haveParts { addParts(model, nil, to: &models, at: now) }
        return models.parts
    }
}
