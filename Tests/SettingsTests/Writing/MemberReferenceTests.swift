import Testing
import Yams

@testable import Settings

@Suite struct MemberReferenceTests {
    @Test func defaultsAreCode() {
        let cases: [(Node, String)] = [
            (.plain("32KiB"), "`32KiB`"), (.text("./data"), "`./data`"), (.null, "`null`"),
            (.list([.plain("80"), .plain("100")]), "`[80, 100]`"), (.list([]), "`[]`"), (Node(table: [:]), "`{}`"),
        ]
        for (node, text) in cases { #expect(MemberReference.code(node) == text) }
    }

    @Test func chosenNamesAreStarsInPaths() {
        let paths = Configuration.memberPaths
        for path in [
            "tiers", "tiers.*", "tiers.*.weight", "teams.*.tier", "models.aliases.*", "models.prices.*.input",
            "models.energy_kwh_per_million_tokens.*", "listen.tls.client_ca", "log.access_file",
        ] {
            #expect(paths.contains(path), "\(path)")
        }
    }

    @Test func chosenNamesAreWordsInTheReference() {
        let text = Configuration.reference()
        for heading in ["tiers.TIER", "teams.TEAM", "models.prices.MODEL", "models.aliases.ALIAS", "listen.tls"] {
            #expect(text.contains("\n## `\(heading)`\n"), "\(heading)")
        }
    }

    @Test func rowsHaveFourCells() {
        let rows = Configuration.reference().split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(rows.count > 80)
        for row in rows { #expect(row.count { $0 == "|" } == 5, "\(row)") }
    }

    @Test func secretsAreMarked() {
        let text = Configuration.reference()
        for name in ["token", "url", "secret", "api_keys"] {
            let row = text.split(separator: "\n").first { $0.hasPrefix("| `\(name)` ") }
            #expect(row?.contains("secret") == true, "\(name)")
        }
    }
}
