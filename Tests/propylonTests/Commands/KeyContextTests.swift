import Clocks
import Foundation
import Policy
import Settings
import Store
import Testing

@testable import propylon

@Suite struct KeyContextTests {
    private let folder: TemporaryFolder
    private let now = Timestamp(seconds: 1_795_428_000)
    private let context: KeyContext

    private var rules: KeyRules { context.keys.rules }

    init() throws {
        folder = try TemporaryFolder()
        let settings = try configuration(
            in: folder,
            """
            time_zone: Europe/Paris
            tiers: { student: {} }
            teams: { red: { tier: student }, research: { tier: tier-1 } }

            """)
        context = try KeyContext(settings, settings.openLedger(), at: now)
    }

    @Test func onlyANewKeyMakesAFolder() throws {
        let data = "\(folder.path)/none"
        for arguments in [
            ["set", "ada", "--tier", "monthly"], ["rotate", "ada"], ["revoke", "ada"], ["suspend", "ada"],
        ] {
            let command = try Keys.parseAsRoot(arguments + ["--data", data])
            #expect {
                var command = command
                try command.run()
            } throws: { error in
                (error as? Failure)?.description.hasPrefix("there is no ledger in \(data); ") == true
            }
        }
        for arguments in [["list"], ["list", "--json"]] {
            var command = try Keys.parseAsRoot(arguments + ["--data", data])
            try command.run()
        }
        var show = try Keys.parseAsRoot(["show", "ada", "--data", data])
        #expect {
            try show.run()
        } throws: { error in
            (error as? Failure)?.description.contains("(the data folder is \(data))") == true
        }
        #expect(!FileManager.default.fileExists(atPath: data))
        var create = try Keys.parseAsRoot(["create", "--name", "ada", "--data", data])
        try create.run()
        #expect(FileManager.default.fileExists(atPath: data))
    }

    @Test func tiersMustExist() throws {
        #expect(try rules.tier("student") == "student")
        #expect(
            throws: KeyProblem.invalid(
                member: "tier",
                message:
                    "the configuration has no tier \"studnet\"; it has monthly, student, tier-1, tier-2, tier-3, tier-4; "
                    + "did you mean student?")
        ) { try rules.tier("studnet") }
    }

    /// A team that is misspelt would escape the limits of the one that was meant.
    @Test func teamsMustBeListed() throws {
        #expect(try rules.team("research") == "research")
        #expect(try rules.team("") == nil)
        #expect(
            throws: KeyProblem.invalid(
                member: "team",
                message: "the configuration has no team \"reserch\"; it has red, research; did you mean research?")
        ) { try rules.team("reserch") }
        let command = try Keys.Set.parse(["id", "--team", "blue"])
        #expect(throws: KeyProblem.self) { try command.changes(rules) }
        #expect(try context.keys.store.list().isEmpty)
    }

    @Test func anyTeamWillDoWhereNoneIsListed() throws {
        let settings = try configuration(in: folder, "time_zone: UTC\n")
        let context = try KeyContext(settings, settings.openLedger(), at: now)
        #expect(try context.keys.rules.team("any") == "any")
    }

    @Test func expiriesAreInTheFuture() throws {
        #expect(try rules.expiry("90d") == now + .seconds(90 * 86_400))
        #expect(try rules.expiry("2026-11-30") == Timestamp(seconds: 1_796_079_600))
        // Today has not ended yet.
        #expect(try rules.expiry("2026-11-23") == Timestamp(seconds: 1_795_474_800))
        #expect(try rules.expiry("never") == nil)
        for text in ["2026-11-22", "2026-11-23T10:00", "0d", "soon", ""] {
            #expect(throws: KeyProblem.self, "\(text)") { try rules.expiry(text) }
        }
    }

    @Test func setChangesWhatIsNamed() throws {
        let changes = try Keys.Set.parse(["id", "--name", "ada", "--tier", "student"]).changes(rules)
        #expect(changes.name == "ada")
        #expect(changes.tier == "student")
        let key = try created()
        let changed = try context.keys.update(key.id, changes)
        #expect(changed.name == "ada")
        #expect(changed.tier == "student")
        #expect(changed.team == "red")
        #expect(changed.models == ["a*"])
        #expect(changed.expiresAt == now + .seconds(86_400))
    }

    @Test func setClearsWhatIsEmpty() throws {
        let changes = try Keys.Set.parse(["id", "--team", "", "--models", "", "--expires", "never"]).changes(rules)
        let changed = try context.keys.update(created().id, changes)
        #expect(changed.team == nil)
        #expect(changed.models == nil)
        #expect(changed.expiresAt == nil)
        #expect(changed.name == "bob")
    }

    @Test func setRefusesUnknownTiers() throws {
        let command = try Keys.Set.parse(["id", "--tier", "none"])
        #expect(throws: KeyProblem.self) { try command.changes(rules) }
    }

    @Test func problemsAreFailuresWithTheirStatus() throws {
        let file = try folder.write("data: \(folder.path)/other\n", to: "a.yaml")
        let option = try ConfigurationOption.parse(["--config", file])
        try option.load().openLedger().close()
        #expect {
            try KeyContext.run(option) { throw TimeText.Problem(description: "\($0.configuration.data) is no time") }
        } throws: { error in (error as? Failure)?.status == .wrongUsage }
        #expect {
            try KeyContext.run(option) { _ = try $0.keys.revoke("none") }
        } throws: { error in
            // The place of the search is a part of the cause.
            (error as? Failure).map { $0.status == .failed && $0.description.contains("\(folder.path)/other") } ?? false
        }
    }

    private func created() throws -> APIKey {
        try context.keys.create(
            .init(
                name: "bob", tier: "monthly", team: "red", expiresAt: now + .seconds(86_400), models: ["a*"])
        ).key
    }
}
