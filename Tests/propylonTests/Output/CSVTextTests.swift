import Testing

@testable import propylon

@Suite struct CSVTextTests {
    @Test func quotesWhatHasToBe() {
        let lines = [["a", "b c", ""], ["x,y", "say \"hi\"", "two\nlines"], ["\r\n", "é", "'"]]
        #expect(CSVText.text([["\"\u{301}"]]) == "\"\"\"\u{301}\"\n")
        #expect(CSVText.text(lines) == "a,b c,\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\n\"\r\n\",é,'\n")
    }
}
