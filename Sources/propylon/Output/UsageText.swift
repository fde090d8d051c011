import Bytes
import Policy
import Store

/// A usage report as a table, JSON or CSV.
struct UsageText {
    private let groupings: [UsageGrouping]
    private let usage: RankedUsage
    private let hasSpeeds: Bool
    /// The columns in JSON and CSV.
    private let columns: [UsageColumn]

    /// The report `usage`, grouped by `groupings`. With speeds, a table shows these instead of amounts, for which it has no room.
    init(groupings: [UsageGrouping], _ usage: RankedUsage, withSpeeds hasSpeeds: Bool = false) {
        self.groupings = groupings
        self.usage = usage
        self.hasSpeeds = hasSpeeds
        columns = UsageColumn.all + (hasSpeeds ? UsageColumn.speeds : [])
    }

    /// The report in `format`, with a newline at its end.
    func text(_ format: UsageFormat) -> String {
        switch format {
        case .table: table
        case .json: JSONText.array(usage.rows.map(json)).text + "\n"
        case .csv: CSVText.text([csvTitles] + usage.rows.map(csvCells))
        }
    }

    private var table: String {
        let columns = hasSpeeds ? [UsageColumn.requests] + UsageColumn.speeds : UsageColumn.all
        let groups = groupings.flatMap { $0 == .key ? ["KEY", "NAME"] : [$0.rawValue.uppercased()] }
        var table = TextTable(
            groups.map { ($0, .left) } + columns.map { ($0.title, .right) })
        for row in usage.rows { table.add(groupCells(row, none: "-") + columns.map { $0.cell(row) }) }
        func add(_ sum: UsageRow, _ label: String) {
            table.add(groups.indices.map { $0 == 0 ? label : "" } + columns.map { $0.cell(sum) })
        }
        let others = usage.others
        if others.count > 0 { add(others.sum, "\(others.count) more") }
        if usage.rows.count + others.count > 1 { add(usage.rows.reduce(into: others.sum) { $0.add($1) }, "total") }
        return table.text
    }

    private func groupCells(_ row: UsageRow, none: String) -> [String] {
        groupings.flatMap { grouping in
            let value = row[grouping] ?? none
            return grouping == .key ? [value, row.keyName ?? none] : [value]
        }
    }

    private func json(_ row: UsageRow) -> JSONText {
        let groups = groupings.flatMap { grouping -> [(name: String, value: JSONText)] in
            let group: (name: String, value: JSONText) = (grouping.rawValue, .optional(row[grouping]))
            return grouping == .key ? [group, ("key_name", .optional(row.keyName))] : [group]
        }
        return .object(groups + columns.map { ($0.name, $0.json(row)) })
    }

    private var csvTitles: [String] {
        groupings.flatMap { $0 == .key ? ["key", "key_name"] : [$0.rawValue] }
            + columns.flatMap { column in column.csv(UsageRow(groups: [])).map(\.name) }
    }

    private func csvCells(_ row: UsageRow) -> [String] {
        groupCells(row, none: "") + columns.flatMap { column in column.csv(row).map(\.cell) }
    }
}
