import Clocks
import Policy
import SeededRandom
import Settings
import Store
import Testing

@testable import propylon

@Suite struct KeyImportTests {
    private let folder: TemporaryFolder
    private let database: LedgerDatabase
    private let keys: KeyService

    init() throws {
        folder = try TemporaryFolder()
        database = try LedgerDatabase(directory: folder.path)
        let settings = try configuration(
            "time_zone: Europe/Paris\ndefault_tier: student\ntiers: { student: {} }\nteams: { red: { tier: tier-1 } }\n"
        )
        keys = KeyService(database, settings, by: .test, at: Timestamp(seconds: 1_795_428_000))
    }

    private func run(_ rows: [KeyImportRow], isTrial: Bool = false) throws -> [KeyImport.Result] {
        try KeyImport(rows, keys).run(keys, isTrial: isTrial)
    }

    private func problem(_ rows: () throws -> [KeyImportRow]) -> KeyImport.Problem? {
        do {
            _ = try run(rows())
            return nil
        } catch { return error as? KeyImport.Problem }
    }

    @Test func rowsCreateAndChangeKeys() throws {
        let old = try keys.create(.init(name: "ada", tier: "tier-1", team: "red", models: ["x"])).record
        let csv = """
            name,tier,models,budget_eur_per_day,expires
            ada,student,none,2.50,2027-06-30
            bob,,"gpt-oss:*, qwen3:14b",,
            """
        let results = try run(KeyImportRow.rows(csv: csv))
        #expect(results.map(\.line) == [2, 3])
        #expect(results.map { $0.key != nil } == [false, true])
        #expect(results.map(\.isChanged) == [true, false])
        let ada = try keys.find("ada")
        #expect(ada.id == old.id)
        #expect((ada.tier, ada.team, ada.models) == ("student", "red", nil))
        #expect(ada.limits.own == [.budgetPerDay: 2_500_000_000])
        #expect(ada.expiresAt == (try keys.rules.time.moment("2027-07-01")))
        let bob = try keys.find("bob")
        #expect((bob.tier, bob.team, bob.models) == ("student", nil, ["gpt-oss:*", "qwen3:14b"]))
        #expect(
            try KeyCache(database).keys.authenticate(try #require(results[1].key).digest, at: keys.rules.now) == bob)
        // The same file again changes nothing.
        let again = try run(KeyImportRow.rows(csv: csv))
        #expect(again.allSatisfy { $0.key == nil && !$0.isChanged })
        #expect(try database.audit(limit: 10).map(\.action) == ["key.create", "key.update", "key.create"])
        database.close()
    }

    @Test func bothFormatsSayTheSame() throws {
        let csv = try KeyImportRow.rows(
            csv: "name;team;models;tokens_per_day;requests_per_day\nada;red;\"a,b\";5;none\n")
        let yaml = try KeyImportRow.rows(
            yaml:
                "\n- name: ada\n  team: red\n  models: [a, b]\n  limits: { tokens_per_day: 5, requests_per_day: none }\n"
        )
        #expect(csv == yaml)
        database.close()
    }

    @Test func aTrialChangesNothing() throws {
        _ = try keys.create(.init(name: "ada"))
        let rows = try KeyImportRow.rows(csv: "name,tier\nada,tier-1\nbob,tier-2\n")
        let results = try run(rows, isTrial: true)
        #expect(results.map(\.record.tier) == ["tier-1", "tier-2"])
        #expect(try keys.store.list().map(\.tier) == ["student"])
        let text = Keys.Import.text(results, isTrial: true, json: false)
        #expect(text.hasPrefix("line,change,id,name,key\n2,changed,"))
        #expect(text.contains("3,created,,bob,\n"))
        #expect(!text.contains("sk-ppl-"))
        #expect(!Keys.Import.text(results, isTrial: true, json: true).contains("sk-ppl-"))
        database.close()
    }

    /// One wrong row anywhere, and no row takes effect.
    @Test(
        arguments: [
            ("name,tier\na,student\nb,studnet\n", 3), ("name\na\n\na\n", 4), ("name,tier\n,student\n", 2),
            ("name,team\na,blue\n", 2), ("name,colour\na,red\n", 2), ("name,expires\na,2020-01-01\n", 2),
            ("name,tokens_per_day\na,1.5\n", 2), ("name,tokens_per_dya\na,1\n", 2), ("name,name\na,b\n", 1),
            ("name\na\nb\u{1B}[2J\n", 3), ("", 1), ("name\n" + String(repeating: "n", count: 201) + "\n", 2),
        ])
    func oneFaultImportsNothing(csv: String, line: Int) throws {
        #expect(problem { try KeyImportRow.rows(csv: csv) }?.line == line)
        #expect(try keys.store.list().isEmpty)
        #expect(try database.audit(limit: 1).isEmpty)
        database.close()
    }

    @Test(arguments: [
        ("- tier: student", 1), ("- name: a\n- name: [b]", 2), ("- name: a\n  models: { a: b }", 1),
        ("- name: a\n  limits: 5", 1), ("- name: a\n  tier: [student]", 1), ("- name: a\n  expire: 5", 1), ("a: b", 1),
    ])
    func faultsOfYAMLHaveTheirLine(yaml: String, line: Int) {
        #expect(problem { try KeyImportRow.rows(yaml: yaml) }?.line == line)
        database.close()
    }

    /// A name that is the id of a key would never be found.
    @Test func anIDIsNoName() throws {
        let id = try keys.create(.init(name: "ada")).record.id
        #expect(problem { try KeyImportRow.rows(csv: "name\nbob\n\(id)\n") }?.line == 3)
        #expect(try keys.store.list().count == 1)
        database.close()
    }

    @Test func noTextStopsTheImport() throws {
        var random = SeededGenerator(seed: 9)
        let pieces = [
            "name", "tier", ",", ";", "\n", "\"", "a", "none", "models", "limits", "expires", "1h", "\r", "\u{FEFF}",
            "=",
        ]
        for _ in 0..<1_000 {
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            _ = try? run(KeyImportRow.rows(csv: text), isTrial: true)
            _ = try? run(KeyImportRow.rows(yaml: text), isTrial: true)
        }
        #expect(try keys.store.list().isEmpty)
        database.close()
    }
}
