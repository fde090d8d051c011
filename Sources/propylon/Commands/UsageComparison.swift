import Bytes
import Policy
import Store

/// A comparison of the ledger with a statement of the upstream, by day and model.
struct UsageComparison {
    /// The numbers of one day and model on both sides.
    struct Row: Equatable {
        let position: UsageStatement.Position
        /// Requests in the ledger.
        let requests: Int64
        /// Those of `requests` whose numbers are not the upstream's own.
        let estimatedRequests: Int64
        /// Nil in both for a column that the statement does not have; zero for an unknown day and model.
        let ledger: UsageStatement.Quantities
        let statement: UsageStatement.Quantities

        /// Returns true for equal numbers.
        var agrees: Bool { ledger == statement }
    }

    /// Rows by day and model, without those that are zero on both sides.
    let rows: [Row]
    private let hasModels: Bool

    /// Compares the rows of a report by day (and by model, if the statement has models) with `statement`.
    init(ledger: [UsageRow], statement: UsageStatement) {
        var ledgerRows: [UsageStatement.Position: UsageRow] = [:]
        for row in ledger {
            let model = statement.hasModels ? row[.model] ?? "" : nil
            ledgerRows[UsageStatement.Position(day: row[.day] ?? "", model: model)] = row
        }
        hasModels = statement.hasModels
        let columns = statement.quantities
        rows = Set(ledgerRows.keys).union(statement.lines.keys).map { position in
            let row = ledgerRows[position] ?? UsageRow(groups: [])
            return Row(
                position: position, requests: row.requests, estimatedRequests: row.estimatedRequests,
                ledger: UsageStatement.Quantities(
                    inputTokens: columns.inputTokens.map { _ in row.units.inputTokens },
                    outputTokens: columns.outputTokens.map { _ in row.units.outputTokens },
                    cost: columns.cost.map { _ in row.cost }),
                statement: statement.lines[position] ?? columns)
        }.filter { $0.ledger != columns || $0.statement != columns }
            .sorted { ($0.position.day, $0.position.model ?? "") < ($1.position.day, $1.position.model ?? "") }
    }

    /// The rows that differ, or all rows, in `format`, with a newline at the end.
    func text(_ format: UsageFormat, all: Bool) -> String {
        let shown = all ? rows : rows.filter { !$0.agrees }
        switch format {
        case .table: return table(shown)
        case .json: return JSONText.array(shown.map(json)).text + "\n"
        case .csv:
            let titles = ["day"] + (hasModels ? ["model"] : []) + ["requests", "estimated_requests"] + columnNames
            return CSVText.text([titles] + shown.map { groupCells($0) + counts($0) + numbers($0, rounds: false) })
        }
    }

    private func table(_ shown: [Row]) -> String {
        let differing = rows.count { !$0.agrees }
        let summary =
            differing == 0
            ? "The ledger and the statement agree.\n"
            : "The ledger and the statement differ in \(differing) of \(rows.count) rows.\n"
        guard !shown.isEmpty else { return summary }
        let titles = ["REQUESTS", "ESTIMATED"] + columnNames.map { $0.uppercased().replacing("_", with: " ") }
        var table = TextTable(
            [("DAY", .left)] + (hasModels ? [("MODEL", .left)] : []) + titles.map { ($0, .right) })
        for row in shown { table.add(groupCells(row) + counts(row) + numbers(row, rounds: true)) }
        return table.text + summary
    }

    private func groupCells(_ row: Row) -> [String] {
        [row.position.day] + (hasModels ? [row.position.model ?? ""] : [])
    }

    private func counts(_ row: Row) -> [String] { [String(row.requests), String(row.estimatedRequests)] }

    /// The quantities that the statement has: name, both numbers, decimals.
    private func quantities(_ row: Row) -> [(name: String, ledger: Int64, statement: Int64, places: Int)] {
        [
            ("prompt_tokens", row.ledger.inputTokens, row.statement.inputTokens, 0),
            ("completion_tokens", row.ledger.outputTokens, row.statement.outputTokens, 0),
            ("cost_eur", row.ledger.cost?.amount, row.statement.cost?.amount, 9),
        ].compactMap { name, ledger, statement, places in
            guard let ledger, let statement else { return nil }
            return (name, ledger, statement, places)
        }
    }

    private var columnNames: [String] {
        guard let row = rows.first else { return [] }
        return quantities(row).flatMap { ["ledger_\($0.name)", "statement_\($0.name)", "difference_\($0.name)"] }
    }

    private func numbers(_ row: Row, rounds: Bool) -> [String] {
        quantities(row).flatMap { name, ledger, statement, places in
            [ledger, statement, Self.difference(ledger, statement)].map { number in
                guard places > 0 else { return String(number) }
                return rounds
                    ? DecimalText.rounded(number, places: places, to: 4)
                    : DecimalText.text(number, places: places, least: 2)
            }
        }
    }

    private func json(_ row: Row) -> JSONText {
        let values = quantities(row).flatMap { name, ledger, statement, places -> [(name: String, value: JSONText)] in
            [
                ("ledger", ledger), ("statement", statement), ("difference", Self.difference(ledger, statement)),
            ].map { side, number in
                (
                    "\(side)_\(name)",
                    places == 0 ? .integer(number) : .string(DecimalText.text(number, places: places, least: 2))
                )
            }
        }
        let model: [(name: String, value: JSONText)] =
            hasModels ? [("model", .optional(row.position.model.flatMap { $0.isEmpty ? nil : $0 }))] : []
        return .object(
            [("day", .string(row.position.day))] + model + [
                ("requests", .integer(row.requests)), ("estimated_requests", .integer(row.estimatedRequests)),
            ] + values)
    }

    /// The surplus of the ledger.
    private static func difference(_ ledger: Int64, _ statement: Int64) -> Int64 {
        ledger.subtractingSaturated(statement)
    }
}
