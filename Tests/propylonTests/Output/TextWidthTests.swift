import Testing

@testable import propylon

@Suite struct TextWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("zoë", 3), ("zoe\u{308}", 3), ("漢字", 4), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("ｆｕｌｌ", 8), ("half\u{FF76}", 5), ("🦉", 2), ("👩‍👩‍👧", 2), ("🇫🇷", 2), ("❤️", 2), ("✔", 1), ("👍🏽", 2), ("ไทย", 3),
        ("…", 1),
        ("\u{20000}", 2),
    ])
    func columnsOfATerminal(text: String, width: Int) {
        #expect(TextWidth.of(text) == width)
    }
}
