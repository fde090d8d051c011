import ArgumentParser
import Foundation
import Settings
import Testing

@testable import propylon

@Suite struct ConfigurationOptionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ file: String) throws -> Configuration {
        try ConfigurationOption.parse(["--config", file]).load()
    }

    private func failure(_ file: String) -> Failure? {
        do {
            _ = try load(file)
            return nil
        } catch { return error as? Failure }
    }

    @Test func theNamedFileIsRead() throws {
        let file = try folder.write("data: /here\n", to: "a.yaml")
        #expect(try load(file).data == "/here")
    }

    @Test func errorsAreAListingOfAllOfThem() throws {
        let file = try folder.write("dta: /here\nlimits: { connections: 0 }\n", to: "a.yaml")
        let failure = try #require(self.failure(file))
        #expect(failure.status == .badConfiguration)
        #expect(failure.isListing)
        let lines = failure.message.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == "\(file):1:1: error: dta: there is no such member; did you mean data?")
    }

    @Test func aMissingFileIsAnErrorWithItsName() throws {
        let failure = try #require(self.failure("\(folder.path)/none.yaml"))
        #expect(failure.status == .badConfiguration)
        #expect(failure.message == "error: cannot read \(folder.path)/none.yaml: there is no such file")
    }

    @Test func otherEncodingsAreAnError() throws {
        let file = "\(folder.path)/a.yaml"
        try Data([0xFF, 0xFE, 0x00, 0xD8]).write(to: URL(fileURLWithPath: file))
        #expect(failure(file)?.status == .badConfiguration)
    }

    @Test func theDataFolderOfTheCommandLineWins() throws {
        let file = try folder.write("data: ${PROPYLON_NO_SUCH_VARIABLE}\n", to: "a.yaml")
        #expect(failure(file) != nil)
        let option = try ConfigurationOption.parse(["--config", file, "--data", "/there"])
        #expect(try option.load().data == "/there")
        #expect(throws: (any Error).self) { try ConfigurationOption.parse(["--data", ""]) }
    }

    @Test func theDataFolderIsNamedAsAWhole() throws {
        let here = FileManager.default.currentDirectoryPath
        #expect(try configuration("data: ./data\n").dataFolder == "\(here)/data")
        #expect(try configuration("data: /a/../b/\n").dataFolder == "/b")
    }

    @Test func filesInTheConfigurationAreRead() throws {
        let secret = try folder.write("swordfish\n", to: "token")
        let file = try folder.write("admin: { token: \"${file:\(secret)}\" }\n", to: "a.yaml")
        #expect(try load(file).admin.token == Secret("swordfish"))
    }
}
