import SeededRandom
import Testing

@testable import Bytes

@Suite struct PercentCodingTests {
    private func strictlyDecoded(_ text: String) -> String? { PercentCoding.strictlyDecoded(Array(text.utf8).span) }

    private func decoded(
        _ text: String, plusIsSpace: Bool = false, where isMeant: (UInt8) -> Bool = { _ in true }
    ) -> String {
        String(
            decoding: PercentCoding.decoded(Array(text.utf8).span, plusIsSpace: plusIsSpace, where: isMeant),
            as: UTF8.self)
    }

    private func hasEscape(_ text: String) -> Bool { PercentCoding.hasEscape(Array(text.utf8).span) }

    @Test func everyTextComesBack() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let text = (0..<random.number(0...12)).map { _ in random.pick(["a", "%", "/", "é", "😀", " ", "+", "~"]) }
                .joined()
            var encoded: [UInt8] = []
            PercentCoding.append(text, to: &encoded)
            #expect(encoded.allSatisfy { ASCIISet.unreserved.contains($0) || $0 == ASCII.percent })
            #expect(strictlyDecoded(String(decoding: encoded, as: UTF8.self)) == text)
            #expect(decoded(String(decoding: encoded, as: UTF8.self)) == text)
        }
    }

    @Test(arguments: ["%", "%4", "%zz", "a%4", "%%41", "%C3"]) func malformedTextIsNotDecodedStrictly(text: String) {
        #expect(strictlyDecoded(text) == nil)
    }

    @Test func malformedEscapesStayAsTheyAre() {
        #expect(decoded("%4%41%zz%") == "%4A%zz%")
    }

    @Test func plusIsASpaceInForms() {
        #expect(decoded("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(decoded("a+b%2B") == "a+b+")
    }

    @Test func onlyMeantEscapesAreResolved() {
        #expect(decoded("%41%42") { $0 == 0x42 } == "%41B")
    }

    @Test func escapesAreSeen() {
        #expect(hasEscape("ab%2e"))
        #expect(!hasEscape("ab%2"))
    }

    @Test func everyByteHasAnEscapeThatComesBack() {
        for byte in UInt8.min...UInt8.max {
            var escape: [UInt8] = []
            PercentCoding.appendEscape(of: byte, to: &escape)
            #expect(escape.count == 3)
            #expect(PercentCoding.escapedByte(in: escape.span, at: 0) == byte)
            let lowerCase = String(decoding: escape, as: UTF8.self).lowercased()
            #expect(PercentCoding.escapedByte(in: Array(lowerCase.utf8).span, at: 0) == byte)
        }
    }

    @Test(arguments: ["", "%", "%4", "%4g", "%g4", "441", "%%1"]) func otherBytesAreNoEscape(text: String) {
        #expect(PercentCoding.escapedByte(in: Array(text.utf8).span, at: 0) == nil)
    }

    @Test func anIndexBeyondTheEndIsNoEscape() {
        let bytes = Array("%41".utf8)
        for index in 1...5 { #expect(PercentCoding.escapedByte(in: bytes.span, at: index) == nil) }
    }

    @Test func onlyBytesOutsideThePlainSetAreEscaped() {
        let digits = ASCIISet(low: 0x03FF_0000_0000_0000, high: 0)
        var encoded: [UInt8] = []
        PercentCoding.append("1-2é", plain: digits, to: &encoded)
        #expect(String(decoding: encoded, as: UTF8.self) == "1%2D2%C3%A9")
    }

    /// The model decodes character by character.
    @Test func decodingAgreesWithASimpleModel() {
        var random = SeededGenerator(seed: 10)
        for _ in 0..<3000 {
            let text = (0..<random.number(0...12)).map { _ in random.pick(["%", "4", "1", "g", "+", "a", "%2B", "%20"])
            }
            .joined()
            var model: [UInt8] = []
            var rest = Substring(text)
            while let character = rest.popFirst() {
                let digits = rest.prefix(2)
                if character == "%", digits.count == 2, digits.allSatisfy(\.isHexDigit) {
                    model.append(UInt8(digits, radix: 16)!)
                    rest = rest.dropFirst(2)
                } else {
                    model.append(character == "+" ? ASCII.space : character.asciiValue!)
                }
            }
            #expect(PercentCoding.decoded(Array(text.utf8).span, plusIsSpace: true) == model, "\(text)")
        }
    }
}
