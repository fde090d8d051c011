import SeededRandom
import Testing

@testable import Bytes
@testable import Scanners

@Suite struct ParameterReaderTests {
    /// The value and its parameters; nil if they are malformed.
    private func read(_ text: String) -> (value: String?, parameters: [[String]])? {
        let bytes = Array(text.utf8)
        var reader = ParameterReader(bytes.span)
        let value = reader.readToken(bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
        var parameters: [[String]] = []
        while true {
            switch reader.next(in: bytes.span, unquoted: ASCIISet.token.contains) {
            case .end: return (value, parameters)
            case .malformed: return nil
            case .parameter(let name, let content):
                parameters.append([
                    String(decoding: bytes[name], as: UTF8.self),
                    String(decoding: content.decoded(in: bytes.span), as: UTF8.self),
                ])
            }
        }
    }

    @Test(
        arguments: [
            ("", nil, []), ("a/b", "a/b", []), (" a ; b=c", "a", [["b", "c"]]), ("a;b=\"c d\"", "a", [["b", "c d"]]),
            ("a;b=\"\"", "a", [["b", ""]]), ("a;;b=c; ;d=e;", "a", [["b", "c"], ["d", "e"]]),
            ("a;b=\"x;y=\\\"z\\\\\"", "a", [["b", "x;y=\"z\\"]]), ("a;b=\"c:\\x\"", "a", [["b", "c:\\x"]]),
            (";b=c", nil, [["b", "c"]]),
        ] as [(String, String?, [[String]])])
    func valuesAndParametersAreRead(text: String, value: String?, parameters: [[String]]) throws {
        let result = try #require(read(text))
        #expect(result.value == value)
        #expect(result.parameters == parameters)
    }

    @Test(arguments: [
        "a b=c", "a;b", "a;b=", "a;=c", "a;b =c", "a;b= c", "a;b=\"c", "a;b=\"c\\", "a;b=\"c\\\"", "a;b=c,d",
    ])
    func malformedParametersAreReported(text: String) {
        #expect(read(text) == nil)
    }

    @Test func aBackslashThatIsNoEscapeIsAmbiguous() {
        for (text, isAmbiguous) in [
            ("ab", false), ("a\\\"b", false), ("a\\\\b", false), ("a\\b", true), ("\\\\\\x", true),
        ] {
            let bytes = Array(text.utf8)
            let quoted = ParameterContent(range: 0..<bytes.count, isQuoted: true)
            #expect(quoted.isAmbiguous(in: bytes.span) == isAmbiguous)
            let plain = ParameterContent(range: 0..<bytes.count, isQuoted: false)
            #expect(plain.isAmbiguous(in: bytes.span) == false)
        }
    }

    /// Every quoted content comes back, and no bytes end the process.
    @Test func quotedContentsComeBack() throws {
        var random = SeededGenerator(seed: 23)
        for _ in 0..<2000 {
            let content = (0..<random.number(0...10)).map { _ in random.pick(["a", "\"", "\\", ";", "=", " ", "é"]) }
                .joined()
            let escaped = content.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let result = try #require(read("x; n=\"\(escaped)\""))
            #expect(result.parameters == [["n", content]])
        }
    }

    @Test func anyBytesAreReadToAnEnd() {
        var random = SeededGenerator(seed: 24)
        for _ in 0..<5000 {
            let text = (0..<random.number(0...12)).map { _ in
                random.pick(["a", "\"", "\\", ";", "=", " ", "/", "é", "\u{0}"])
            }
            if let result = read(text.joined()) { #expect(result.parameters.allSatisfy { !$0[0].isEmpty }) }
        }
    }
}
