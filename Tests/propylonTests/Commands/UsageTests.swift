import ArgumentParser
import Store
import Testing

@testable import propylon

@Suite struct UsageTests {
    @Test func groupsByKeyUnlessToldOtherwise() throws {
        #expect(try UsageShow.parse([]).by.groupings == [.key])
        #expect(try UsageShow.parse([]).format == .table)
    }

    @Test func takesGroupsInAnyOrderOnce() throws {
        let command = try UsageShow.parse(["--by", "model,day,model,key", "--format", "csv", "--since", "7d"])
        #expect(command.by.groupings == [.model, .day, .key])
        #expect(command.format == .csv)
        #expect(command.since == "7d")
    }

    @Test(arguments: ["", "keys", "key,", ",", "key day", "KEY"])
    func refusesWhatIsNoGroup(text: String) {
        #expect(throws: (any Error).self) { try UsageShow.parse(["--by", text]) }
    }

    @Test func everyGroupingCanBeNamed() throws {
        let all = UsageGrouping.allCases.map(\.rawValue).joined(separator: ",")
        #expect(try UsageShow.parse(["--by", all]).by.groupings == UsageGrouping.allCases)
    }
}
