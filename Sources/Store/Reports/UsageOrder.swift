/// The order of a usage report's rows.
package enum UsageOrder: String, CaseIterable, Sendable {
    /// The values of the groups, ascending.
    case groups
    case requests
    case failed
    case promptTokens = "prompt_tokens"
    case completionTokens = "completion_tokens"
    case cost
    case energy
    case estimated

    /// What people ask for first: who spends most; over time, what came first.
    package static func usual(by groupings: [UsageGrouping]) -> UsageOrder {
        groupings.first.map { $0.isOfTime } ?? false ? .groups : .cost
    }

    /// The number that the order compares, the largest first; the same for all rows in the order of their groups.
    func amount(_ totals: borrowing UsageTotals, milliwattHours: Int64) -> Int64 {
        switch self {
        case .groups: 0
        case .requests: totals.requests
        case .failed: totals.failed
        case .promptTokens: totals[.inputTokens]
        case .completionTokens: totals[.outputTokens]
        case .cost: totals.cost
        case .energy: milliwattHours
        case .estimated: totals.estimated
        }
    }
}

/// The first rows of a report in an order, and the sum of all others.
package struct RankedUsage: Sendable {
    package let rows: [UsageRow]
    /// The number of the rows that are left out, and their sum.
    package let others: (count: Int, sum: UsageRow)

    package init(rows: [UsageRow], others: (count: Int, sum: UsageRow) = (0, UsageRow(groups: []))) {
        self.rows = rows
        self.others = others
    }
}
