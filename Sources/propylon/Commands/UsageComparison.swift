import Policy
import Store

/// The ledger beside a statement of the upstream, by day and model.
struct UsageComparison {
    /// One day and model, as both have it.
    struct Row: Equatable {
        let position: UsageStatement.Position
        /// How many requests the ledger has, and how many of them with numbers that are not the upstream's own.
        let requests: Int64
        let estimatedRequests: Int64
        /// Both have nil where the statement has no such column; a side that does not know the day and model has zeros.
        let ledger: UsageStatement.Quantities
        let statement: UsageStatement.Quantities

        /// Whether both say the same.
        var agrees: Bool { ledger == statement }
    }

    /// By day and model. What neither side says anything of is not among them.
    let rows: [Row]
    private let hasModels: Bool

    /// Compares the rows of a report by day (and model, where the statement has models) with `statement`.
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

    /// The comparison in `format`, with a newline at its end: the rows that part, or all of them.
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
        let parting = rows.count { !$0.agrees }
        let summary =
            parting == 0
            ? "The ledger and the statement agree.\n"
            : "The ledger and the statement part in \(parting) of \(rows.count) rows.\n"
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

    /// The quantities that the statement has, each of the ledger, of the statement, and by how much the ledger has more.
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

    /// How much more the ledger has; the nearest number that fits.
    private static func difference(_ ledger: Int64, _ statement: Int64) -> Int64 {
        Int64(clamping: Int128(ledger) - Int128(statement))
    }
}
