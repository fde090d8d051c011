import Foundation
import GRDB
import Policy

/// The SQL of a usage report: its groups and, always, the model, because energy is by model.
struct UsageQuery {
    /// What is added up, in the order of the result's columns.
    static let quantities = [
        "input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "audio_minutes", "characters", "images",
        "search_units", "cost",
    ]

    private static let model = "COALESCE(model_served, model_asked)"

    let groupings: [UsageGrouping]
    let span: ReportSpan
    let offsets: ZoneOffsets

    /// The columns: the groups, the model, three counts (requests, estimated, failed), and for each quantity the sums of
    /// its upper and its lower 32 bits. SQLite ends a query whose sum leaves 64 bits, and one absurd row would do that to
    /// every report; the halves cannot.
    var sql: String {
        let groups = groupings.map(expression) + [Self.model]
        let counts = [
            "COUNT(*)", "SUM(exactness <> 'exact')", "SUM(status >= 400 OR ending <> 'complete')",
        ]
        let sums = Self.quantities.flatMap { ["SUM(\($0) >> 32)", "SUM(\($0) & 4294967295)"] }
        return """
            SELECT \((groups + counts + sums).joined(separator: ", ")) FROM usage
            WHERE id BETWEEN ? AND ? AND started_at BETWEEN ? AND ?
            GROUP BY \((1...groups.count).map(String.init).joined(separator: ", "))
            """
    }

    var arguments: StatementArguments {
        [
            Self.blob(span.ids.lowerBound), Self.blob(span.ids.upperBound), span.first.microseconds,
            span.last.microseconds,
        ]
    }

    private static func blob(_ id: RequestID) -> Data {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { Data($0) }
    }

    private func expression(_ grouping: UsageGrouping) -> String {
        let second = "started_at / 1000000"
        let offset = offsets.sql(at: second)
        return switch grouping {
        case .key: "key_id"
        case .team: "team"
        case .model: Self.model
        case .endpoint: "endpoint"
        case .user: "user"
        case .status: "status"
        case .hour: "(\(second) + \(offset)) / 3600 * \(LocalHour.scale) + \(LocalHour.middle) - \(offset)"
        // Months are put together from days: SQLite's own calendar costs more for each row than all the sums.
        case .day, .month: "(\(second) + \(offset)) / 86400"
        }
    }
}

/// An hour of the clock in one number, which sorts by time: when summer ends two hours have the same name, and only the
/// offset tells them apart.
struct LocalHour {
    static let scale: Int64 = 200_000
    static let middle: Int64 = 100_000

    /// Hours since 1970 in local time.
    let hour: Int64
    /// Seconds east of UTC, at most 18 hours.
    let offset: Int64

    init(_ number: Int64) {
        hour = number / Self.scale
        offset = Self.middle - number % Self.scale
    }
}
