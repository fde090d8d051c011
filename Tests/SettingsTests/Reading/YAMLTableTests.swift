import SeededRandom
import Testing

@testable import Settings

@Suite struct YAMLTableTests {
    @Test func rowsHaveTheirLines() throws {
        let table = try YAMLTable(
            """
            # Keys
            - name: ada
              models: ["a*", b]
              team:
              expires: ~
            - { name: "null", limits: { x: 1.50, y: null } }
            """)
        #expect(
            table.rows == [
                .init(
                    line: 2,
                    members: ["name": .text("ada"), "models": .list(["a*", "b"]), "team": .null, "expires": .null]),
                .init(line: 6, members: ["name": .text("null"), "limits": .table(["x": "1.50", "y": "none"])]),
            ])
        #expect(try YAMLTable("").rows.isEmpty)
        #expect(try YAMLTable("[]").rows.isEmpty)
    }

    @Test(arguments: [
        ("name: ada", 1), ("- name: ada\n- bob", 2), ("- name: ada\n  name: bob", 2), ("- [1]: 2", 1),
        ("- name: ada\n  models: [[a]]", 2), ("- name: ada\n  limits: { a: [1] }", 2), ("- a: b\n - c", 2),
        ("\t- a", 1),
    ])
    func faultsHaveTheirLine(text: String, line: Int) {
        #expect { try YAMLTable(text) } throws: { ($0 as? YAMLTable.Problem)?.line == line }
    }

    @Test func noTextStopsTheReader() {
        var random = SeededGenerator(seed: 3)
        let pieces = [
            "- ", "a", ": ", "\n", "  ", "[", "]", "{", "}", "&x ", "*x", "!!binary ", "\"", "'", "|", "#", "\t", "~",
            "<<: ",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...16, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            _ = try? YAMLTable(text.joined())
        }
    }
}
