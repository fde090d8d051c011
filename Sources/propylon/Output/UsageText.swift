import Bytes
import Policy
import Store

/// A usage report as a table, JSON or CSV.
struct UsageText {
    private let groupings: [UsageGrouping]
    private let rows: [UsageRow]

    /// A report of `rows`, grouped by `groupings`.
    init(groupings: [UsageGrouping], rows: [UsageRow]) {
        self.groupings = groupings
        self.rows = rows
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
        let groups = groupings.flatMap { $0 == .key ? ["KEY", "NAME"] : [$0.rawValue.uppercased()] }
        var table = TextTable(
            groups.map { ($0, .left) } + UsageColumn.all.map { ($0.title, .right) })
        for row in rows { table.add(groupCells(row, none: "-") + UsageColumn.all.map { $0.cell(row) }) }
        if rows.count > 1 {
            let labels = groups.indices.map { $0 == 0 ? "total" : "" }
            let sum = rows.reduce(into: UsageRow(groups: [])) { $0.add($1) }
            table.add(labels + UsageColumn.all.map { $0.cell(sum) })
        }
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
        return .object(groups + UsageColumn.all.map { ($0.name, $0.json(row)) })
    }

    private var csvTitles: [String] {
        groupings.flatMap { $0 == .key ? ["key", "key_name"] : [$0.rawValue] }
            + UsageColumn.all.flatMap { column in column.csv(UsageRow(groups: [])).map(\.name) }
    }

    private func csvCells(_ row: UsageRow) -> [String] {
        groupCells(row, none: "") + UsageColumn.all.flatMap { column in column.csv(row).map(\.cell) }
    }
}
