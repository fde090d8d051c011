import ArgumentParser
import Policy
import Testing

@testable import propylon

@Suite struct KeysTests {
    @Test func modelsAreSeparatedByCommas() {
        #expect(Keys.models("gpt-oss:*, qwen3:14b ,") == ["gpt-oss:*", "qwen3:14b"])
        #expect(Keys.models("") == nil)
        #expect(Keys.models(" , ") == nil)
    }

    @Test func createNeedsAName() throws {
        #expect(throws: (any Error).self) { try Keys.Create.parse([]) }
        let command = try Keys.Create.parse(["--name", "ada", "--tier", "student", "--expires", "90d", "--json"])
        #expect(command.name == "ada")
        #expect(command.tier == "student")
        #expect(command.json)
    }

    @Test func setNeedsAChange() throws {
        #expect(throws: (any Error).self) { try Keys.Set.parse(["abc"]) }
        #expect(throws: (any Error).self) { try Keys.Set.parse(["--tier", "student"]) }
        #expect(try Keys.Set.parse(["abc", "--team", ""]).team == "")
    }

    @Test func rotationHasADayOfGrace() throws {
        #expect(try Keys.Rotate.parse(["abc"]).grace == "24h")
        #expect(try Keys.Rotate.parse(["abc", "--grace", "0s"]).grace == "0s")
    }
}
