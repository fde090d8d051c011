import Bytes
import Policy
import Store

/// A usage report as a table, JSON or CSV.
struct UsageText {
    private let groupings: [UsageGrouping]
    /// The rows that are shown.
    private let rows: ArraySlice<UsageRow>
    /// The rows after them, of which a table shows the sum.
    private let others: ArraySlice<UsageRow>
    private let hasSpeeds: Bool
    /// The columns in JSON and CSV.
    private let columns: [UsageColumn]

    /// A report of `rows`, grouped by `groupings`; of the first `top` rows, where that is not nil. With speeds, a table shows these
    /// instead of amounts, for which it has no room.
    init(groupings: [UsageGrouping], rows: [UsageRow], top: Int? = nil, withSpeeds hasSpeeds: Bool = false) {
        self.groupings = groupings
        self.rows = rows.prefix(top ?? rows.count)
        others = rows.dropFirst(self.rows.count)
        self.hasSpeeds = hasSpeeds
        columns = UsageColumn.all + (hasSpeeds ? UsageColumn.speeds : [])
    }

    /// The report in `format`, with a newline at its end.
    func text(_ format: UsageFormat) -> String {
        switch format {
        case .table: table
        case .json: JSONText.array(rows.map(json)).text + "\n"
        case .csv: CSVText.text([csvTitles] + rows.map(csvCells))
        }
    }

    private var table: String {
        let columns = hasSpeeds ? [UsageColumn.requests] + UsageColumn.speeds : UsageColumn.all
        let groups = groupings.flatMap { $0 == .key ? ["KEY", "NAME"] : [$0.rawValue.uppercased()] }
        var table = TextTable(
            groups.map { ($0, .left) } + columns.map { ($0.title, .right) })
        for row in rows { table.add(groupCells(row, none: "-") + columns.map { $0.cell(row) }) }
        func addSum(of rows: some Sequence<UsageRow>, _ label: String) {
            let sum = rows.reduce(into: UsageRow(groups: [])) { $0.add($1) }
            table.add(groups.indices.map { $0 == 0 ? label : "" } + columns.map { $0.cell(sum) })
        }
        if !others.isEmpty { addSum(of: others, "\(others.count) more") }
        if rows.count + others.count > 1 { addSum(of: rows + others, "total") }
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
