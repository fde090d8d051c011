import SeededRandom
import Testing

@testable import propylon

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = TextTable([("NAME", .left), ("COUNT", .right), ("X", .left)])
        table.add(["a longer name", "7", ""])
        table.add(["zoë", "1234567", "y"])
        #expect(
            table.text == """
                NAME             COUNT  X
                a longer name        7
                zoë            1234567  y

                """)
    }

    @Test func wideCharactersAreAligned() {
        var table = TextTable([("NAME", .left), ("COUNT", .right)])
        for name in ["漢字", "zoe\u{308}", "🦉 owl", "👩‍👩‍👧"] { table.add([name, "1"]) }
        let lines = table.text.split(separator: "\n")
        #expect(Set(lines.map(TextWidth.of)).count == 1)
        #expect(lines.first == "NAME    COUNT")
    }

    @Test func aTableFitsItsColumns() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            var table = TextTable([("ID", .left), ("NAME", .left), ("TAGS", .left), ("A", .right), ("ZERO", .right)])
            var cells: [String] = []
            for _ in 0..<3 {
                let words = (0..<Int.random(in: 0..<20, using: &generator)).map { _ in
                    String(
                        repeating: ["x", "漢", "é"].randomElement(using: &generator) ?? "",
                        count: .random(in: 1...30, using: &generator))
                }
                cells.append(words.joined(separator: " "))
            }
            table.add(cells + ["12345", "0"])
            let text = table.text
            #expect(text.split(separator: "\n").allSatisfy { TextWidth.of($0) <= TextTable.limit })
            // Nothing but spaces between words is lost.
            let shown = text.split(separator: "\n").dropFirst().joined().filter { $0 != " " }.sorted()
            let zero = text.prefix { $0 != "\n" }.contains("ZERO") ? "0" : ""
            #expect(shown == (cells.joined() + "12345" + zero).filter { $0 != " " }.sorted())
        }
    }

    @Test func onlyWhereItMustATableLeavesZerosOut() {
        func titles(_ name: String) -> Substring? {
            var table = TextTable([
                ("NAME", .left), ("COUNT", .right), ("NONE", .right), ("REST", .right), ("UNITS", .right),
            ])
            table.add([name, "10", "0.0000", "-", "3 images"])
            return table.text.split(separator: "\n").first
        }
        #expect(titles("ada")?.split(separator: " ") == ["NAME", "COUNT", "NONE", "REST", "UNITS"])
        #expect(titles(String(repeating: "x", count: 90))?.split(separator: " ") == ["NAME", "COUNT", "UNITS"])
    }

    @Test func coloursAreOfWholeLines() {
        let styles = TextStyles(isTerminal: true, environment: [:])
        var table = TextTable([("A", .left)], styles: styles)
        table.add(["x"], style: .red)
        table.add(["y"])
        #expect(table.text == "\u{1B}[1mA\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m\ny\n")
    }

    @Test func withoutRowsThereAreTheTitles() {
        #expect(TextTable([("A", .left), ("B", .right)]).text == "A  B\n")
    }

    @Test func namesCannotCommandTheTerminal() {
        var table = TextTable([("NAME", .left)])
        table.add(["a\u{1B}[31mb\nc\u{202E}d"])
        #expect(table.text == "NAME\na\u{FFFD}[31mb\u{FFFD}c\u{FFFD}d\n")
    }
}
