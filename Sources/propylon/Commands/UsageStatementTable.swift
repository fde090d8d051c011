/// The lines of a CSV text (RFC 4180) by columns; commas, semicolons or tabs separate its cells.
struct UsageStatementTable {
    /// One line with at least one cell that is not empty.
    struct Line {
        /// The number of the line in the file, from 1.
        let number: Int
        fileprivate let cells: [String]

        /// The cell of `column`, without spaces around it. Empty if the line is shorter.
        func cell(_ column: Int) -> String { column < cells.count ? cells[column] : "" }
    }

    let titles: [String]
    let lines: [Line]

    init(_ text: String) throws(UsageStatement.Problem) {
        // Spreadsheets write a byte order mark first.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
        let firstLine = text.prefix { $0 != "\n" }
        func count(_ separator: Unicode.Scalar) -> Int { firstLine.count { $0 == separator } }
        let separator: Unicode.Scalar = [",", ";", "\t"].max { count($0) < count($1) } ?? ","
        var lines = try Self.lines(text, separator)
        guard !lines.isEmpty else { throw UsageStatement.Problem(description: "the file is empty") }
        titles = lines.removeFirst().cells
        self.lines = lines
    }

    /// The column with the title `title`. For a nil title, the one with the title `usual`, or nil.
    func column(_ title: String?, usual: String) throws(UsageStatement.Problem) -> Int? {
        let column = titles.firstIndex { $0.lowercased() == (title ?? usual).lowercased() }
        if let title, column == nil {
            throw UsageStatement.Problem(
                description: "no column has the title \"\(title)\"; there are \(titles.joined(separator: ", "))")
        }
        return column
    }

    private static func lines(
        _ text: Substring.UnicodeScalarView, _ separator: Unicode.Scalar
    ) throws(UsageStatement.Problem) -> [Line] {
        var lines: [Line] = []
        var cells: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var number = 1
        var start = 1
        var rest = text
        func trimmed(_ cell: String.UnicodeScalarView) -> String {
            var cell = cell[...]
            while cell.first == " " { cell.removeFirst() }
            while cell.last == " " || cell.last == "\r" { cell.removeLast() }
            return String(String.UnicodeScalarView(cell))
        }
        func endLine() {
            cells.append(trimmed(cell))
            cell.removeAll()
            if cells.contains(where: { !$0.isEmpty }) { lines.append(Line(number: start, cells: cells)) }
            cells.removeAll()
            start = number
        }
        while let scalar = rest.popFirst() {
            if scalar == "\n" { number += 1 }
            switch scalar {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                cell.append(scalar)
            case "\"" where isQuoted: isQuoted = false
            case _ where isQuoted: cell.append(scalar)
            case "\"" where cell.allSatisfy { $0 == " " }:
                cell.removeAll()
                isQuoted = true
            case separator:
                cells.append(trimmed(cell))
                cell.removeAll()
            case "\n": endLine()
            default: cell.append(scalar)
            }
        }
        guard !isQuoted else {
            throw UsageStatement.Problem(description: "line \(start): a quotation mark is not closed")
        }
        endLine()
        return lines
    }
}
