import Clocks

extension LimiterState {
    /// Counts those of `corrections`, in the order of their numbers, that are not counted yet. Returns how many these are.
    mutating func correct(_ corrections: [CostCorrection], keys records: KeySnapshot, at now: LimitTime) -> Int {
        let new = corrections.filter { $0.number > lastCorrection ?? 0 }
        guard let last = new.last else { return 0 }
        let now = passTime(to: now)
        for correction in new { count(correction, in: LimitWindow.allCases, records, at: now) }
        lastCorrection = last.number
        silenceAlerts()
        return new.count
    }

    /// Counts `correction` in those of the current windows `counted` that have its time.
    mutating func count(
        _ correction: CostCorrection, in counted: [LimitWindow], _ records: KeySnapshot, at now: LimitTime
    ) {
        let scopes = restoredScopes(correction.keyID, correction.team, records, at: now)
        let change = LimitAmounts.change(ofCost: correction.change)
        let reached = counted.filter { windows.seconds(of: $0).contains(correction.at.seconds) }
        let account = correction.concernsAccount ? ScopeTable.account : nil
        for index in [scopes.key, scopes.team, account].compactMap(\.self) {
            self.scopes.usages[index].enter(windows.numbers, at: index, &left)
            for window in reached { self.scopes.usages[index].add(change, in: window) }
        }
    }
}
