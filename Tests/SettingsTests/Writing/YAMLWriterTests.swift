import SeededRandom
import Testing
import Yams

@testable import Settings

@Suite struct YAMLWriterTests {
    @Test func textsAreReadAsThemselves() throws {
        var generator = SeededGenerator(seed: 22)
        // All but U+0000 and a leading U+FEFF, which Yams does not give back.
        let letters = Array("ab1 :#-'\"\\,[]{}&*!|>%@`~$\n\t\r\u{1}\u{7F}\u{85}é😀\u{2028}.")
        let expansion = Expansion(environment: [:], readFile: { _ in "" })
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 1...6, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
            var yaml = YAMLWriter()
            yaml.member(text, .text(text))
            yaml.member("list", .list([.text(text), .text("${A}$${B}")]))
            let mapping = try #require(try Yams.compose(yaml: yaml.text)?.mapping, "\(yaml.text.debugDescription)")
            #expect(mapping.first?.key.scalar?.string == text)
            let value = try #require(mapping.first?.value.scalar?.string)
            #expect(try expansion.expand(value).text == text)
            let second = try #require(mapping["list"]?.sequence?.last?.scalar?.string)
            #expect(try expansion.expand(second).text == "${A}$${B}")
        }
    }

    @Test(arguments: ["null", "true", "NO", "~", "12", "1.5", "on", "- a", "a: b", "a #b", " a", "", "=", "<<", "${A}"])
    func whatYAMLWouldMisreadIsQuoted(text: String) {
        #expect(YAMLWriter.quoted(text).hasPrefix("\""))
    }

    @Test(arguments: ["monthly", "./data", "Europe/Paris", "/etc/a-b_c.pem"]) func plainWordsStayPlain(text: String) {
        #expect((YAMLWriter.quoted(text) == text) == !text.hasPrefix("."))
    }

    @Test func nestsByTwoSpaces() {
        var yaml = YAMLWriter()
        yaml.section("a") { yaml in
            yaml.member("b", .integer(1))
            yaml.section("c") { $0.member("d", .null) }
            yaml.section("e") { _ in }
        }
        yaml.list("f", of: [1, 2]) { number, yaml in
            yaml.member("g", .integer(number))
            yaml.section("h") { $0.member("i", .boolean(true)) }
        }
        #expect(
            yaml.text == """
                a:
                  b: 1
                  c:
                    d: null
                  e: {}
                f:
                  - g: 1
                    h:
                      i: true
                  - g: 2
                    h:
                      i: true

                """)
    }
}
