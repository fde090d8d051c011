import Testing
import Yams

@testable import Settings

@Suite struct ConfigNodeTests {
    private let diagnostics = Diagnostics(file: "a.yaml")

    private func node(_ text: String, environment: [String: String] = [:]) throws -> ConfigNode {
        let document = try YAMLDocument(text)
        let root = try #require(document.root)
        let context = ReadingContext(
            document: document,
            expansion: Expansion(environment: environment, readFile: { _ in throw MissingFile() }),
            diagnostics: diagnostics)
        return ConfigNode(node: root, path: "a", position: Position(root.mark), context: context)
    }

    @Test(arguments: ["null", "~", "Null", "NULL"]) func nullIsPlain(text: String) throws {
        #expect(try node(text).isNull)
        #expect(try !node("\"\(text)\"").isNull)
        #expect(try !node("'\(text)'").isNull)
    }

    @Test(arguments: ["nul", "none", "0", "\"\"", "[]", "{}"]) func othersAreNot(text: String) throws {
        #expect(try !node(text).isNull)
    }

    @Test func aScalarHasAValue() throws {
        #expect(try node("7").value(ValueFormat<Int>.integer(1...9)) == 7)
        #expect(diagnostics.issues.isEmpty)
    }

    @Test func aColonWithASpaceIsNoText() throws {
        #expect(try node("[gpt-oss: 20b]").elements.compactMap { $0.value(.text) }.isEmpty)
        #expect(diagnostics.issues.first?.suggestion == "\"gpt-oss:20b\"")
        // A secret is repeated nowhere.
        #expect(try node("{ sk: secret }").value(.secret) == nil)
        #expect(diagnostics.issues.last.map { "\($0)" }?.contains("secret") == false)
    }

    @Test func anEmptyScalarHasNone() throws {
        #expect(try node("\"\"").value(.text) == nil)
        #expect(try node("\"${A}\"", environment: ["A": ""]).value(.text) == nil)
        #expect(diagnostics.issues.isEmpty)
    }

    @Test(arguments: [
        ("[1]", "must be a single value, and is a list"), ("{a: 1}", "must be a single value, and is a mapping"),
        ("10", "must be 1 to 9, found 10"), ("x", "must be a whole number, found x"),
    ])
    func wrongValuesAreReported(text: String, message: String) throws {
        #expect(try node(text).value(ValueFormat<Int>.integer(1...9)) == nil)
        #expect(diagnostics.issues.map(\.message) == [message])
    }

    @Test func longValuesAreNotRepeated() throws {
        let text = String(repeating: "x", count: 81)
        _ = try node(text).value(ValueFormat<Int>.integer(1...9))
        #expect(diagnostics.issues.map(\.message) == ["must be a whole number"])
    }

    @Test func secretsAreNotRepeated() throws {
        _ = try node("sword fish").value(.headerSecret)
        #expect(diagnostics.issues.count == 1)
        #expect(diagnostics.issues.first?.description.contains("fish") == false)
    }

    @Test func suggestionsOfForeignValuesAreHidden() throws {
        _ = try node("\"${A}\"", environment: ["A": "yes"]).value(.boolean)
        _ = try node("yes").value(.boolean)
        #expect(diagnostics.issues.map(\.suggestion) == [nil, "true"])
    }

    @Test(arguments: [("5", "a single value"), ("[a]", "a list"), ("~", "empty")])
    func sectionsAreMappings(text: String, kind: String) throws {
        #expect(try node(text).section == nil)
        #expect(diagnostics.issues.map(\.message) == ["must have members, and is \(kind)"])
    }

    @Test func elementsHaveTheirIndex() throws {
        #expect(try node("[a, b]").elements.map(\.path) == ["a[0]", "a[1]"])
        #expect(try node("[a, b]").elements.map(\.position.column) == [2, 5])
        #expect(try node("b").elements.map(\.path) == ["a"])
        #expect(try node("[]").elements.isEmpty)
    }
}
