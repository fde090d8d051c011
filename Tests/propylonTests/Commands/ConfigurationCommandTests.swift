import ArgumentParser
import Testing

@testable import propylon

@Suite struct ConfigurationCommandTests {
    @Test func checkTakesAFile() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("data: /here\n", to: "good.yaml")
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        try ConfigurationCommand.Check.parse([good]).run()
        #expect(throws: Failure.self) { try ConfigurationCommand.Check.parse([bad]).run() }
        #expect(throws: Failure.self) { try ConfigurationCommand.Check.parse(["--config", bad]).run() }
    }

    @Test func theArgumentWinsOverTheOption() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("data: /here\n", to: "good.yaml")
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        try ConfigurationCommand.Check.parse([good, "--config", bad]).run()
    }

    @Test func showRefusesABadFile() throws {
        let folder = try TemporaryFolder()
        let bad = try folder.write("data: [a]\n", to: "bad.yaml")
        #expect(throws: Failure.self) { try ConfigurationCommand.Show.parse(["--config", bad]).run() }
    }
}
