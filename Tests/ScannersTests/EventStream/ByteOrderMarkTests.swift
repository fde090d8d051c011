import Testing

@testable import Scanners

@Suite struct ByteOrderMarkTests {
    @Test func itIsThatOfUTF8() {
        let mark = Array("\u{FEFF}".utf8)
        #expect((0..<ByteOrderMark.length).map { ByteOrderMark.byte(at: $0) } == mark)
    }

    @Test func onlyTheWholeMarkBeginsAText() {
        let text = Array("\u{FEFF}data".utf8)
        #expect(ByteOrderMark.begins(text.span) == true)
        #expect(ByteOrderMark.begins(Array(text[..<3]).span) == true)
        for count in 0..<3 { #expect(ByteOrderMark.begins(Array(text[..<count]).span) == false) }
        #expect(ByteOrderMark.begins(Array(text[1...]).span) == false)
    }
}
