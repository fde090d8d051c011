import SeededRandom
import Testing
import Yams

@testable import Settings

@Suite struct NodeValuesTests {
    private func serialized(_ node: Node) throws -> String {
        try Yams.serialize(node: node, width: -1, allowUnicode: true)
    }

    @Test func textsAreReadAsThemselves() throws {
        var generator = SeededGenerator(seed: 22)
        // All but U+0000 and a leading U+FEFF, which Yams does not give back.
        let letters = Array("ab1 :#-'\"\\,[]{}&*!|>%@`~$\n\t\r\u{1}\u{7F}\u{85}é😀\u{2028}.")
        let expansion = Expansion(environment: [:], readFile: { _ in "" })
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 1...6, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
            let yaml = try serialized(Node([(Node.literal(text), Node.list([.text(text), .text("${A}$${B}")]))]))
            let mapping = try #require(try Yams.compose(yaml: yaml)?.mapping, "\(yaml.debugDescription)")
            #expect(mapping.first?.key.scalar?.string == text)
            let values = (mapping.first?.value.sequence ?? []).compactMap(\.scalar?.string)
            try #require(values.count == 2)
            #expect(try expansion.expand(values[0]).text == text)
            #expect(try expansion.expand(values[1]).text == "${A}$${B}")
        }
    }

    @Test(arguments: ["null", "true", "NO", "~", "12", "1.5", "on", "- a", "a: b", "a #b", " a", "", "=", "<<"])
    func whatYAMLWouldMisreadIsQuoted(text: String) throws {
        let yaml = try serialized(.text(text))
        #expect(yaml.hasPrefix("\"") || yaml.hasPrefix("'"))
    }

    @Test(arguments: ["monthly", "./data", "Europe/Paris", "/etc/a-b_c.pem", "gpt-oss"])
    func plainWordsStayPlain(text: String) throws {
        #expect(try serialized(.text(text)) == "\(text)\n")
    }

    @Test func referencesToVariablesAreEscaped() throws {
        #expect(try serialized(.text("${A}")) == "$${A}\n")
    }

    @Test func tablesAreOrderedByName() throws {
        let table = Node(table: ["b": Node.plain("1"), "a": .null, "null": .plain("true")])
        #expect(try serialized(table) == "a: null\nb: 1\n\"null\": true\n")
    }

    @Test func emptyTablesStayMappings() throws {
        #expect(try serialized(Node([(Node("teams"), Node(table: [:]))])) == "teams: {}\n")
    }

    @Test func listsStandInOneLine() throws {
        #expect(try serialized(Node([(Node("a"), Node.list([.plain("80"), .text("b: c")]))])) == "a: [80, 'b: c']\n")
    }
}
