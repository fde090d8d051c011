import Policy
import Store

/// A usage report as text, for people and for scripts.
struct UsageText {
    private let groupings: [UsageGrouping]
    private let rows: [UsageRow]

    /// The `rows` of a report grouped by `groupings`.
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
        let numbers = [
            "REQUESTS", "FAILED", "INPUT", "OUTPUT", "REASONING", "CACHED", "OTHER UNITS", "COST EUR", "ENERGY KWH",
            "ESTIMATED",
        ]
        var table = TextTable(groups.map { ($0, .left) } + numbers.map { ($0, .right) })
        for row in rows { table.add(groupCells(row, none: "-") + numberCells(row)) }
        if rows.count > 1 {
            let labels = groups.indices.map { $0 == 0 ? "total" : "" }
            table.add(labels + numberCells(rows.reduce(into: UsageRow(groups: [])) { $0.add($1) }))
        }
        return table.text
    }

    private func groupCells(_ row: UsageRow, none: String) -> [String] {
        groupings.flatMap { grouping in
            let value = row[grouping] ?? none
            return grouping == .key ? [value, row.keyName ?? none] : [value]
        }
    }

    private func numberCells(_ row: UsageRow) -> [String] {
        let units = row.units
        let other = units.others.filter { $0.count != 0 }.map { "\($0.count) \($0.name)" }
        return [
            String(row.requests), String(row.errors), String(units.inputTokens), String(units.outputTokens),
            String(units.reasoningTokens), String(units.cachedTokens),
            other.isEmpty ? "-" : other.joined(separator: ", ").replacing("_", with: " "),
            DecimalText.rounded(row.cost.amount, places: 9, to: 4),
            DecimalText.rounded(row.milliwattHours, places: 6, to: 4),
            Self.share(row.estimatedRequests, of: row.requests),
        ]
    }

    private func json(_ row: UsageRow) -> JSONText {
        let groups = groupings.flatMap { grouping -> [(name: String, value: JSONText)] in
            let group: (name: String, value: JSONText) = (grouping.rawValue, .optional(row[grouping]))
            return grouping == .key ? [group, ("key_name", .optional(row.keyName))] : [group]
        }
        let units = row.units
        return .object(
            groups + [
                ("requests", .integer(row.requests)),
                ("failed_requests", .integer(row.errors)),
                ("prompt_tokens", .integer(units.inputTokens)),
                ("completion_tokens", .integer(units.outputTokens)),
                ("reasoning_tokens", .integer(units.reasoningTokens)),
                ("cached_tokens", .integer(units.cachedTokens)),
                ("other_units", .object(units.others.map { ($0.name, .integer($0.count)) })),
                ("cost_eur", .string(Self.cost(row))),
                ("energy_kwh", .number(Self.energy(row))),
                ("estimated_requests", .integer(row.estimatedRequests)),
            ])
    }

    private var csvTitles: [String] {
        groupings.flatMap { $0 == .key ? ["key", "key_name"] : [$0.rawValue] } + [
            "requests", "failed_requests", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens",
        ] + BillableUnits().others.map(\.name) + ["cost_eur", "energy_kwh", "estimated_requests"]
    }

    private func csvCells(_ row: UsageRow) -> [String] {
        let units = row.units
        let counts = [
            row.requests, row.errors, units.inputTokens, units.outputTokens, units.reasoningTokens, units.cachedTokens,
        ]
        return groupCells(row, none: "") + (counts + units.others.map(\.count)).map { String($0) }
            + [Self.cost(row), Self.energy(row), String(row.estimatedRequests)]
    }

    private static func cost(_ row: UsageRow) -> String { DecimalText.text(row.cost.amount, places: 9, least: 2) }

    private static func energy(_ row: UsageRow) -> String { DecimalText.text(row.milliwattHours, places: 6) }

    /// Rounded up, so that a share that is there is never shown as none.
    private static func share(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return "0 %" }
        return "\((part * 100 + whole - 1) / whole) %"
    }
}

extension BillableUnits {
    /// What is no tokens, by the names that scripts see.
    var others: [(name: String, count: Int64)] {
        [
            ("audio_minutes", audioMinutes), ("characters", characters), ("images", images),
            ("search_units", searchUnits),
        ]
    }
}
