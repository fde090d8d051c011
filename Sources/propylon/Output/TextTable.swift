/// A table of plain text, of at most 100 columns where its numbers allow it. Two spaces separate columns.
///
/// A column is as wide as its widest cell. Where the table would be too wide, columns of numbers that are all zero are left out,
/// and texts go on in further lines.
struct TextTable {
    /// Alignment of the cells of a column: texts left, numbers right.
    enum Alignment {
        case left
        case right
    }

    /// The most columns of a terminal that a table takes.
    static let limit = 100
    /// Texts are not broken into shorter lines: ids of keys stay whole.
    private static let leastText = 10

    private let columns: [(title: String, alignment: Alignment)]
    private let styles: TextStyles
    private var rows: [(cells: [String], style: TextStyles.Style?)] = []

    /// A table with `columns` and without rows.
    init(_ columns: [(title: String, alignment: Alignment)], styles: TextStyles = .output) {
        self.columns = columns
        self.styles = styles
    }

    /// Adds a row with a cell for each column.
    mutating func add(_ cells: [String], style: TextStyles.Style? = nil) {
        precondition(cells.count == columns.count, "a row needs a cell for each column")
        rows.append((cells.map(Self.printable), style))
    }

    /// The titles and all rows, each with a newline.
    var text: String {
        var widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0.cells[column] }).map(TextWidth.of).max() ?? 0
        }
        let shown = shownColumns(widths)
        shrink(&widths, of: shown)
        return ([(columns.map(\.title), .bold)] + rows).map { cells, style in
            lines(cells, shown, widths).map { styles.text($0, style) + "\n" }.joined()
        }.joined()
    }

    /// All columns, or those with a number other than zero where all would be too wide.
    private func shownColumns(_ widths: [Int]) -> [Int] {
        let all = Array(columns.indices)
        guard !rows.isEmpty, Self.width(all, widths) > Self.limit else { return all }
        return all.filter { column in
            columns[column].alignment == .left
                || rows.contains { row in row.cells[column].contains { ("1"..."9").contains($0) || $0.isLetter } }
        }
    }

    /// Narrows the widest columns of texts until the table fits.
    private func shrink(_ widths: inout [Int], of shown: [Int]) {
        let texts = shown.filter { columns[$0].alignment == .left }
        var excess = Self.width(shown, widths) - Self.limit
        while excess > 0, let widest = texts.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.leastText {
            widths[widest] -= 1
            excess -= 1
        }
    }

    private static func width(_ shown: [Int], _ widths: [Int]) -> Int {
        shown.reduce(0) { $0 + widths[$1] } + 2 * max(0, shown.count - 1)
    }

    /// The lines of a row.
    private func lines(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> [String] {
        let parts = shown.map { Self.parts(of: cells[$0], width: max(1, widths[$0])) }
        return (0..<(parts.map(\.count).max() ?? 0)).map { number in
            var line = ""
            for (column, parts) in zip(shown, parts) {
                let part = number < parts.count ? parts[number] : ""
                let padding = String(repeating: " ", count: max(0, widths[column] - TextWidth.of(part)))
                line += columns[column].alignment == .left ? part + padding : padding + part
                line += "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The cell in parts of at most `width` columns, divided at spaces where there are some.
    private static func parts(of cell: String, width: Int) -> [String] {
        if TextWidth.of(cell) <= width { return [cell] }
        var parts: [String] = []
        var part = ""
        for character in cell {
            if TextWidth.of(part) + TextWidth.of(character) > width, !part.isEmpty {
                let space = character == " " ? part.endIndex : part.lastIndex(of: " ")
                let rest = space.map { part[$0...].drop { $0 == " " } } ?? ""
                parts.append(String(space.map { part[..<$0] } ?? part[...]))
                part = String(rest)
                if character == " " { continue }
            }
            part.append(character)
        }
        return parts + [part]
    }

    /// Replaces characters that would move the cursor or change colours, since clients choose names.
    private static func printable(_ cell: String) -> String {
        guard !TextWidth.isPlain(cell), cell.unicodeScalars.contains(where: isControl) else { return cell }
        return String(String.UnicodeScalarView(cell.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // Joins emoji to one, and does nothing else.
        if scalar.value == 0x200D { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
