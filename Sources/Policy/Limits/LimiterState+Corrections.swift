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

    /// Counts `correction` in those of the current windows `counted` that have its time, and keeps it for windows to come.
    mutating func count(
        _ correction: CostCorrection, in counted: [LimitWindow], _ records: KeySnapshot, at now: LimitTime
    ) {
        let scopes = restoredScopes(correction.owner, records, at: now)
        let change = LimitAmounts.change(ofCost: correction.change)
        let reached = counted.filter { windows.seconds(of: $0).contains(correction.at.seconds) }
        forEachScope(of: scopes, withAccount: correction.concernsAccount) { scope in
            for window in reached { scope.add(change, in: window) }
        }
        guard correction.at.seconds >= windows.firstEnd else { return }
        future.add(
            FutureUsage.Entry(
                second: correction.at.seconds, scopes: scopes, amounts: change,
                concernsAccount: correction.concernsAccount))
    }
}
