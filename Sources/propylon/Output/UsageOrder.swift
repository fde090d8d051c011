import ArgumentParser
import Policy
import Store

/// The order of a usage report's rows.
enum UsageOrder: String, CaseIterable, ExpressibleByArgument {
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
    static func usual(by groupings: [UsageGrouping]) -> UsageOrder {
        groupings.first.map { $0.isOfTime } ?? false ? .groups : .cost
    }

    /// `rows`, which come by the values of their groups, in this order: the largest number first, equal ones as they came.
    func sorted(_ rows: [UsageRow]) -> [UsageRow] {
        guard self != .groups else { return rows }
        return rows.sorted { amount($0) > amount($1) }
    }

    private func amount(_ row: UsageRow) -> Int64 {
        switch self {
        case .groups: 0
        case .requests: row.requests
        case .failed: row.errors
        case .promptTokens: row.units.inputTokens
        case .completionTokens: row.units.outputTokens
        case .cost: row.cost.amount
        case .energy: row.milliwattHours
        case .estimated: row.estimatedRequests
        }
    }
}
