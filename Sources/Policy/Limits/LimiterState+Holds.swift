import Bytes

extension LimiterState {
    /// Holds the most that `lines` can use, of `key`, until they are billed.
    mutating func hold(
        _ lines: BatchLines, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> LastingHold {
        let now = passTime(to: now)
        let indices = enter(key, at: now)
        shares.note(indices.key, in: &scopes.usages, at: now.monotonic)
        let limits = limits(at: indices)
        if let refusal = tooLarge(lines.largestOutput, limits, key) { throw refusal }
        var tiersMost: Int64?
        limits.forEach { if let most = $0.maxOutputTokens { tiersMost = min(tiersMost ?? most, most) } }
        let lines = lines.bounded(outputTokens: tiersMost ?? limits.key.outputReservation)
        let amounts = lines.most(rules.prices, at: now.wall)
        if let refusal = refusal(of: SlotAmounts(ofBatch: amounts), indices, key, at: now) { throw refusal }
        return hold(lines, amounts, indices)
    }

    /// Holds the most that `lines` can use, as before a restart: whether it fits was decided then.
    mutating func resumeHold(
        _ lines: BatchLines, keyID: String, team: String?, keys: KeySnapshot, at now: LimitTime
    ) -> LastingHold {
        let now = passTime(to: now)
        return hold(lines, lines.most(rules.prices, at: now.wall), restoredScopes(keyID, team, keys, at: now))
    }

    private mutating func hold(
        _ lines: BatchLines, _ amounts: LimitAmounts, _ indices: ScopeTable.Indices
    ) -> LastingHold {
        let held = SlotAmounts(ofBatch: amounts)
        forEachScope(of: indices) { $0.hold(held) }
        return LastingHold(lines, indices, amounts)
    }

    /// Replaces the amounts of `hold` by the usage. At a second call nothing is left to give back.
    mutating func settle(_ hold: LastingHold, _ used: LimitAmounts, at now: LimitTime) -> [LimitAlert] {
        let now = passTime(to: now)
        advance(hold.scopes, at: now)
        if hold.end() {
            let held = SlotAmounts(ofBatch: hold.amounts)
            forEachScope(of: hold.scopes) { $0.giveBack(held) }
        }
        forEachScope(of: hold.scopes) { $0.addOfBatch(SlotAmounts(ofBatch: used)) }
        return alerts(hold.scopes)
    }
}
