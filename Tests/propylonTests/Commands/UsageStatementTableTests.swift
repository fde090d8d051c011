import Testing

@testable import propylon

@Suite struct UsageStatementTableTests {
    private func cells(_ text: String, columns: Int) throws -> [[String]] {
        try UsageStatementTable(text).lines.map { line in (0..<columns).map(line.cell) }
    }

    @Test(arguments: ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a,b\r\n1,2\r\n", "a,b\n1,2", "\u{FEFF}a,b\n1,2\n"])
    func separatorsAndLineEndsAreFound(text: String) throws {
        #expect(try cells(text, columns: 2) == [["1", "2"]])
    }

    @Test func otherSeparatorsAreContent() throws {
        #expect(try cells("a;b\n1,5;2,5\n", columns: 2) == [["1,5", "2,5"]])
    }

    @Test func quotedCellsKeepSeparatorsAndLines() throws {
        #expect(try cells("a,b\n\"1,2\",\"x\ny\"\n", columns: 2) == [["1,2", "x\ny"]])
        #expect(try cells("a,b\n\"say \"\"hi\"\"\",2\n", columns: 2) == [["say \"hi\"", "2"]])
    }

    @Test func spacesAroundCellsAreRemoved() throws {
        #expect(try cells("a,b\n  1 , \"2\" \n", columns: 2) == [["1", "2"]])
    }

    @Test func shortLinesHaveEmptyCells() throws {
        #expect(try cells("a,b,c\n1\n", columns: 3) == [["1", "", ""]])
    }

    @Test func emptyLinesAreSkippedButCounted() throws {
        let lines = try UsageStatementTable("a,b\n\n,\n1,2\n\"x\ny\",2\n3,4\n").lines
        #expect(lines.map(\.number) == [4, 5, 7])
    }

    @Test func columnsAreFoundByTitle() throws {
        let table = try UsageStatementTable("Date,Model,date\n")
        #expect(try table.column(nil, usual: "date") == 0)
        #expect(try table.column("MODEL", usual: "date") == 1)
        #expect(try table.column(nil, usual: "amount") == nil)
        #expect(throws: UsageStatement.Problem.self) { try table.column("engine", usual: "model") }
    }

    @Test(arguments: ["", "\n\n", "\u{FEFF}"]) func nothingIsNoTable(text: String) {
        #expect(throws: UsageStatement.Problem(description: "the file is empty")) { try UsageStatementTable(text) }
    }

    @Test func anOpenQuotationMarkIsAnErrorWithItsLine() {
        #expect(throws: UsageStatement.Problem(description: "line 2: a quotation mark is not closed")) {
            try UsageStatementTable("a,b\n1,\"2\n3,4\n")
        }
    }
}
