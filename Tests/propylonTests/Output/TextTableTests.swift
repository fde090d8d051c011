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

    @Test func withoutRowsThereAreTheTitles() {
        #expect(TextTable([("A", .left), ("B", .right)]).text == "A  B\n")
    }

    @Test func namesCannotCommandTheTerminal() {
        var table = TextTable([("NAME", .left)])
        table.add(["a\u{1B}[31mb\nc\u{202E}d"])
        #expect(table.text == "NAME\na\u{FFFD}[31mb\u{FFFD}c\u{FFFD}d\n")
    }
}
