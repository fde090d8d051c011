import Bytes
import Policy

/// A statement of the upstream: usage by day and model.
struct UsageStatement: Equatable {
    /// Titles of the columns; nil for the usual title, if there is such a column.
    struct Columns {
        var date: String?
        var model: String?
        var inputTokens: String?
        var outputTokens: String?
        var amount: String?
    }

    /// A day and a model. The model is nil in a statement without models.
    struct Position: Hashable {
        /// The day, as `2026-11-01`.
        let day: String
        let model: String?
    }

    /// Usage; nil for a column that the statement does not have.
    struct Quantities: Equatable {
        var inputTokens: Int64?
        var outputTokens: Int64?
        var cost: NanoEuros?
    }

    /// An error in a statement: place and cause.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Sums by day and model.
    private(set) var lines: [Position: Quantities] = [:]
    /// Returns true for a statement with a column for the model.
    let hasModels: Bool
    /// Zero for each column that the statement has, nil for others.
    let quantities: Quantities

    /// Reads the CSV `text`. Times belong to the days of `time`'s zone.
    init(_ text: String, columns: Columns, time: TimeText) throws(Problem) {
        let table = try UsageStatementTable(text)
        let date = try table.column(columns.date, usual: "date")
        let model = try table.column(columns.model, usual: "model")
        let input = try table.column(columns.inputTokens, usual: "input_tokens")
        let output = try table.column(columns.outputTokens, usual: "output_tokens")
        let amount = try table.column(columns.amount, usual: "amount")
        guard let date else {
            throw Problem(description: "no column has the title \"date\": name it with --date-column")
        }
        guard input != nil || output != nil || amount != nil else {
            throw Problem(
                description: "no column has tokens or an amount: name one with --input-tokens-column, "
                    + "--output-tokens-column or --amount-column")
        }
        hasModels = model != nil
        quantities = Quantities(
            inputTokens: input.map { _ in 0 }, outputTokens: output.map { _ in 0 }, cost: amount.map { _ in .zero })
        for line in table.lines {
            let position = Position(
                day: try Self.day(line.cell(date), line.number, time), model: model.map { line.cell($0) })
            var sum = lines[position] ?? quantities
            if let input { try Self.add(line, input, places: 0, to: &sum.inputTokens) }
            if let output { try Self.add(line, output, places: 0, to: &sum.outputTokens) }
            if let amount {
                var nanoEuros = sum.cost?.amount
                try Self.add(line, amount, places: 9, to: &nanoEuros)
                sum.cost = nanoEuros.map { NanoEuros($0) }
            }
            lines[position] = sum
        }
    }

    private static func day(_ text: String, _ line: Int, _ time: TimeText) throws(Problem) -> String {
        do throws(TimeText.Problem) {
            return String(time.string(try time.moment(text)).prefix(10))
        } catch {
            throw Problem(description: "line \(line): \(error)")
        }
    }

    private static func add(
        _ line: UsageStatementTable.Line, _ column: Int, places: Int, to sum: inout Int64?
    ) throws(Problem) {
        let text = line.cell(column)
        guard !text.isEmpty else { return }
        guard let number = UsageNumber.parts(text, places: places) else {
            throw Problem(description: "line \(line.number): \"\(text)\" is not a number")
        }
        let (total, overflow) = (sum ?? 0).addingReportingOverflow(number)
        guard !overflow else { throw Problem(description: "line \(line.number): the sum is too large") }
        sum = total
    }
}

/// Numbers in the notations of invoices: `1234`, `1 234`, `1,234.50`, `1.234,50`, `€ 1,50`.
enum UsageNumber {
    /// The number in units of ten to the power of minus `places`. Returns nil for anything else, and for more decimals than
    /// `places` that are not zero.
    static func parts(_ text: String, places: Int) -> Int64? {
        var text = text.replacing("EUR", with: "").filter { !$0.isWhitespace && !"€'’".contains($0) }
        let isNegative = text.hasPrefix("-")
        if isNegative { text.removeFirst() }
        let marks = text.filter { ".,".contains($0) }
        var whole = text[...]
        var fraction = text[text.endIndex...]
        if let mark = marks.last, let position = text.lastIndex(of: mark) {
            // A repeated mark groups thousands, and so does a mark before three digits in a whole number.
            let after = text[text.index(after: position)...]
            let isGrouping =
                marks.count { $0 == mark } > 1 || (places == 0 && Set(marks).count == 1 && after.count == 3)
            if !isGrouping { (whole, fraction) = (text[..<position], after) }
        }
        let digits = whole.filter { !".,".contains($0) }
        while fraction.count > places, fraction.last == "0" { fraction.removeLast() }
        let all = digits + fraction
        guard !digits.isEmpty, fraction.count <= places, all.utf8.allSatisfy(ASCII.isDigit),
            let number = Int64(all + String(repeating: "0", count: places - fraction.count))
        else { return nil }
        return isNegative ? -number : number
    }
}
