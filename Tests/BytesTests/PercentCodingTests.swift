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
}
