import Testing

@testable import Bytes

@Suite struct ASCIITests {
    @Test func classesHoldWhatTheirGrammarsSay() {
        let alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        let token = Set((alphanumeric + "!#$%&'*+-.^_`|~").utf8)
        let unreserved = Set((alphanumeric + "-._~").utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ASCIISet.token.contains(byte) == token.contains(byte))
            #expect(ASCIISet.unreserved.contains(byte) == unreserved.contains(byte))
            #expect(ASCII.isBlank(byte) == (byte == 32 || byte == 9))
            #expect(ASCII.isWhitespace(byte) == [9, 10, 13, 32].contains(byte))
            #expect(ASCII.isControl(byte) == (byte < 32 || byte == 127))
        }
    }

    @Test func lettersAndDigitsAreThoseOfUnicode() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte))
            #expect(ASCII.lowercased(byte) == (byte < 128 ? character.lowercased().utf8.first! : byte))
            #expect(ASCII.isLetter(byte) == (byte < 128 && character.isLetter))
            #expect(ASCII.isDigit(byte) == (byte < 128 && character.isNumber))
        }
    }

    @Test func everyConstantIsItsCharacter() {
        let constants: [(UInt8, Character)] = [
            (ASCII.tab, "\t"), (ASCII.lineFeed, "\n"), (ASCII.carriageReturn, "\r"), (ASCII.space, " "),
            (ASCII.quote, "\""), (ASCII.percent, "%"), (ASCII.plus, "+"), (ASCII.comma, ","), (ASCII.hyphen, "-"),
            (ASCII.point, "."), (ASCII.slash, "/"), (ASCII.zero, "0"), (ASCII.colon, ":"), (ASCII.semicolon, ";"),
            (ASCII.equals, "="), (ASCII.openingBracket, "["), (ASCII.backslash, "\\"), (ASCII.closingBracket, "]"),
            (ASCII.openingBrace, "{"), (ASCII.closingBrace, "}"),
        ]
        for (byte, character) in constants { #expect(byte == character.asciiValue) }
    }
}
