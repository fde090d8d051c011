import ArgumentParser
import Foundation
import Store
import Testing

@testable import propylon

@Suite struct ConfigurationCommandTests {
    @Test func checkTakesAFile() async throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("data: /here\n", to: "good.yaml")
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        try await ConfigurationCommand.Check.parse([good]).run()
        await #expect(throws: Failure.self) { try await ConfigurationCommand.Check.parse([bad]).run() }
        await #expect(throws: Failure.self) { try await ConfigurationCommand.Check.parse(["--config", bad]).run() }
    }

    @Test func theArgumentWinsOverTheOption() async throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("data: /here\n", to: "good.yaml")
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        try await ConfigurationCommand.Check.parse([good, "--config", bad]).run()
    }

    @Test func checkWarnsOfNamesThatKeysHave() throws {
        let folder = try TemporaryFolder()
        var settings = try configuration(in: folder, "tiers: { student: {} }\nteams: { red: { tier: student } }\n")
        #expect(ConfigurationCommand.Check.warnings(of: settings).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: settings.data))
        let database = try settings.openLedger()
        _ = try database.issueKey("ada", tier: "student", team: "red")
        database.close()
        #expect(ConfigurationCommand.Check.warnings(of: settings).isEmpty)
        settings = try configuration(in: folder, "teams: { blue: { tier: tier-1 } }\n")
        let warnings = ConfigurationCommand.Check.warnings(of: settings)
        #expect(warnings.count == 2)
        #expect(warnings.first?.contains("no tier \"student\"") == true)
        #expect(warnings.last?.contains("no team \"red\"") == true)
        #expect(warnings.allSatisfy { $0.contains("(ada)") })
    }

    @Test func showRefusesABadFile() throws {
        let folder = try TemporaryFolder()
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        #expect(throws: Failure.self) { try ConfigurationCommand.Show.parse(["--config", bad]).run() }
    }
}
