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
        #expect(try context.tier("student") == "student")
        #expect {
            try context.tier("studnet")
        } throws: { error in
            let failure = error as? Failure
            return failure?.status == .wrongUsage
                && failure?.description
                    == "the configuration has no tier \"studnet\"; it has monthly, student, tier-1, tier-2, tier-3, tier-4; "
                    + "did you mean student?"
        }
    }

    /// A team that is misspelt would escape the limits of the one that was meant.
    @Test func teamsMustBeListed() throws {
        #expect(try context.team("research") == "research")
        #expect(try context.team("") == nil)
        #expect {
            try context.team("reserch")
        } throws: { error in
            let failure = error as? Failure
            return failure?.status == .wrongUsage
                && failure?.description
                    == "the configuration has no team \"reserch\"; it has red, research; did you mean research?"
        }
        let command = try Keys.Set.parse(["id", "--team", "blue"])
        #expect(throws: Failure.self) { try command.changes(context) }
        #expect(try context.store.list().isEmpty)
    }

    @Test func anyTeamWillDoWhereNoneIsListed() throws {
        let settings = try configuration(in: folder, "time_zone: UTC\n")
        let context = try KeyContext(settings, settings.openLedger(), at: now)
        #expect(try context.team("any") == "any")
    }

    @Test func expiriesAreInTheFuture() throws {
        #expect(try context.expiry("90d") == now + .seconds(90 * 86_400))
        #expect(try context.expiry("2026-12-01") == Timestamp(seconds: 1_796_079_600))
        #expect(try context.expiry("never") == nil)
        #expect(throws: Failure.self) { try context.expiry("2026-11-01") }
        #expect(throws: Failure.self) { try context.expiry("0d") }
        #expect(throws: TimeText.Problem.self) { try context.expiry("soon") }
    }

    @Test func setChangesWhatIsNamed() throws {
        let changes = try Keys.Set.parse(["id", "--name", "ada", "--tier", "student"]).changes(context)
        #expect(changes.name == "ada")
        #expect(changes.tier == "student")
        let key = try created()
        let changed = try context.store.update(key.id, changes)
        #expect(changed.name == "ada")
        #expect(changed.tier == "student")
        #expect(changed.team == "red")
        #expect(changed.models == ["a*"])
        #expect(changed.expiresAt == now + .seconds(86_400))
    }

    @Test func setClearsWhatIsEmpty() throws {
        let changes = try Keys.Set.parse(["id", "--team", "", "--models", "", "--expires", "never"]).changes(context)
        let changed = try context.store.update(created().id, changes)
        #expect(changed.team == nil)
        #expect(changed.models == nil)
        #expect(changed.expiresAt == nil)
        #expect(changed.name == "bob")
    }

    @Test func setRefusesUnknownTiers() throws {
        let command = try Keys.Set.parse(["id", "--tier", "none"])
        #expect(throws: Failure.self) { try command.changes(context) }
    }

    @Test func problemsAreFailuresWithTheirStatus() throws {
        let file = try folder.write("data: \(folder.path)/other\n", to: "a.yaml")
        let option = try ConfigurationOption.parse(["--config", file])
        try option.load().openLedger().close()
        #expect {
            try KeyContext.run(option) { throw TimeText.Problem(description: "\($0.configuration.data) is no time") }
        } throws: { error in (error as? Failure)?.status == .wrongUsage }
        #expect {
            try KeyContext.run(option) { try $0.store.revoke("none", at: $0.now) }
        } throws: { error in (error as? Failure)?.status == .failed }
    }

    private func created() throws -> APIKey {
        try KeyIssuance.create(
            name: "bob", tier: "monthly", team: "red", expiresAt: now + .seconds(86_400), models: ["a*"],
            in: context.store, at: now)
    }
}
