import SeededRandom
import Testing

@testable import Settings

/// What is reported beside errors of syntax.
@Suite struct YAMLDocumentReadableTests {
    @Test(
        arguments: [
            // Before, after and within the section with the error.
            ("dta: 1\nlimits: [\nlog: { levl: info }\n", ["1:1 dta", "2:10 ", "3:8 log.levl"]),
            (
                "limits:\n  connections: 0\n  idle_timeout: \"5s\n  body_timeout: 1y\nx: 1\n",
                ["2:16 limits.connections", "3:17 ", "4:17 limits.body_timeout", "5:1 x"]
            ),
            // Several errors of syntax, each at its place.
            (
                "tiers:\n  a: { weight: 0 }\n  b: { weight: 1\n  c: { weight: x: y }\ndata: d: e\nlog:\n\tlevel: info\n",
                ["2:16 tiers.a.weight", "3:6 ", "4:6 ", "5:8 ", "7:1 "]
            ),
            ("listen:\n  - 127.0.0.1:8080\n  - 127.0.0.1:x\n  - *\n", ["3:5 listen[1]", "4:5 "]),
            ("listen:\n- 127.0.0.1:x\n- [\nx: 1\n", ["2:3 listen[0]", "3:4 ", "4:1 x"]),
            // An anchor of another section.
            ("data: *folder\nx: 1\n", ["1:7 ", "2:1 x"]),
            ("data: &folder d\nlog: { access_file: *folder, x: 1 }\nadmin: }\n", ["2:30 log.x", "3:8 "]),
            ("x: 1\r\ndata: d: e\r\ny: 1\r\n", ["1:1 x", "2:8 ", "3:1 y"]),
            ("# a comment\nx: 1\n---\ny: 1\n", ["3:1 ", "4:1 y"]),
            ("{ x: 1, y: [ }\n", ["1:14 "]),
            ("just a text\n  : [\n", ["2:3 "]),
        ] as [(String, [String])])
    func otherErrorsAreReportedToo(text: String, expected: [String]) {
        #expect(places(text) == expected, "\(issues(text))")
    }

    @Test func membersThatAreLeftOutMakeNoErrors() {
        // Without the tier and the key there would be no such tier, and a listener without its key.
        let text = """
            default_tier: student
            listen: { address: 0.0.0.0:1, tls: { certificate: a, key: b }
            tiers:
              student: { models: [*] }
            """
        #expect(places(text) == ["2:9 ", "4:23 "])
    }

    @Test(arguments: [
        ("a: 1\n\tb: 2\n", "a tab stands"), ("a:\n  - b\n\t- c\n", "a tab stands"),
        ("models: gpt-oss: 20b\n", "quote a text that has them, as \"gpt-oss: 20b\""), ("models: [*]\n", "as \"*\""),
        ("models: *gpt\n", "as \"*\""), ("a: @b\n", "quote the text"), ("a: [1, 2\n", "is not closed by ]"),
        ("a: {b: 2\n", "is not closed by }"), ("a: \"b\n", "is never closed"), ("a: 'b\n", "is never closed"),
        ("a: \"\\d\"\n", "write \\\\ for a backslash"), ("a: 1\nb\nc: 2\n", "write it as name: value"),
        ("a: 1\n b: 2\n", "has one already"), ("a:\n  b: 1\n c: 2\n", "indent the members of a section alike"),
        ("a:\n  - 1\n  b: 2\n", "begin it with -"), ("a: 1\n---\nb: 1\n", "is one document"),
        ("a: 1\n...\nb: 1\n", "is one document"),
    ])
    func errorsSayWhatToWrite(text: String, words: String) throws {
        let error = try #require(throws: YAMLDocument.SyntaxError.self) { try YAMLDocument(text) }
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func everyTextEndsWithItsErrors() {
        var generator = SeededGenerator(seed: 15)
        let pieces = [
            "listen: ", "tiers:\n", "  a: ", "[", "]", "{", "}", "*a", "&a ", "\"", "'", "\n", "\t", "- ", ": ", "x",
            "#",
        ]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<20, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let (document, errors) = YAMLDocument.readable(text)
            // A text that is YAML has no error, and any other has one in its lines.
            #expect(errors.isEmpty == ((try? YAMLDocument(text)) != nil), "\(text.debugDescription)")
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
            #expect(errors.allSatisfy { 1...lines + 1 ~= $0.position.line }, "\(text.debugDescription)")
            #expect(Set(errors).count == errors.count, "\(text.debugDescription)")
            _ = document
        }
    }
}
