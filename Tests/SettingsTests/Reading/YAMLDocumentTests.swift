import Testing

@testable import Settings

@Suite struct YAMLDocumentTests {
    @Test func emptyTextIsNoDocument() throws {
        #expect(try YAMLDocument("").root == nil)
        #expect(try YAMLDocument("# nothing\n").root == nil)
    }

    @Test(arguments: [
        ("a: [1\nb: 2\n", 1, 4), ("a: 1\n\tb: 2\n", 2, 1), ("a: \"x\n", 1, 4), ("a: 1\n---\nb: 2\n", 2, 1),
        ("a: *none\n", 1, 4),
        ("a: b\nc: d: e\n", 2, 5), ("ok: 1\nbad: \u{1}\n", 2, 6),
    ])
    func syntaxErrorsHaveTheirPlace(text: String, line: Int, column: Int) throws {
        let error = try #require(throws: YAMLDocument.SyntaxError.self) { try YAMLDocument(text) }
        #expect(error.position == Position(line: line, column: column), "\(error.message)")
    }

    @Test(arguments: [
        "a: 1\na: 2\n", "\"a\": 1\na: 2\n", "{a: 1, b: {}, a: 2}", "a: 1\r\nb: 1\r\na: 2\r\n", "'a': 1\na: 2\na: 3\n",
    ])
    func membersThatStandTwiceKeepTheirNamesAndPlaces(text: String) throws {
        let document = try YAMLDocument(text)
        let mapping = try #require(document.root?.mapping)
        let names = mapping.map { document.name(of: $0.key) }
        #expect(names.filter { $0 == "a" }.count >= 2)
        #expect(names.allSatisfy { $0 == "a" || $0 == "b" })
    }

    @Test func duplicateThatCannotBeRenamedIsToldAlone() throws {
        let error = try #require(throws: YAMLDocument.SyntaxError.self) { try YAMLDocument("b: 1\n[a]: 1\n[a]: 2\n") }
        #expect(error.position == Position(line: 2, column: 1))
    }
}
