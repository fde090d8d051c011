import Testing

@testable import propylon

@Suite struct CSVTextTests {
    /// Cells that Excel, LibreOffice and Google Sheets would run, after OWASP's page on CSV injection.
    @Test(arguments: ["=1+1", "+1", "@SUM(A1)", "-1+1", "-", "\tx", "=HYPERLINK(\"http://x\")", "-a"])
    func noCellIsAFormula(cell: String) {
        let text = CSVText.text([[cell]])
        #expect(text.hasPrefix("'") || text.hasPrefix("\"'"))
    }

    @Test(arguments: ["-1", "-0.25", "1", "a=b", "x", "'", ""]) func otherCellsStayAsTheyAre(cell: String) {
        #expect(CSVText.text([[cell]]) == cell + "\n")
    }

    @Test func quotesWhatHasToBe() {
        let lines = [["a", "b c", ""], ["x,y", "say \"hi\"", "two\nlines"], ["\r\n", "é", "'"]]
        #expect(CSVText.text([["\"\u{301}"]]) == "\"\"\"\u{301}\"\n")
        #expect(CSVText.text(lines) == "a,b c,\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\n\"'\r\n\",é,'\n")
    }
}
