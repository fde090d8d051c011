import ArgumentParser
import Store
import Testing

@testable import propylon

@Suite struct UsageTests {
    @Test func groupsByKeyUnlessToldOtherwise() throws {
        #expect(try UsageShow.parse([]).by.groupings == [.key])
        #expect(try UsageShow.parse([]).format == .table)
        #expect(try !UsageShow.parse([]).speed)
        #expect(try UsageShow.parse(["--speed"]).speed)
    }

    @Test func takesGroupsInAnyOrderOnce() throws {
        let command = try UsageShow.parse(["--by", "model,day,model,key", "--format", "csv", "--since", "7d"])
        #expect(command.by.groupings == [.model, .day, .key])
        #expect(command.format == .csv)
        #expect(command.selection.since == "7d")
    }

    @Test(arguments: ["", "keys", "key,", ",", "key day", "KEY"])
    func refusesWhatIsNoGroup(text: String) {
        #expect(throws: (any Error).self) { try UsageShow.parse(["--by", text]) }
    }

    @Test func conditionsAreRead() throws {
        var filter = UsageFilter()
        filter.admit("alice", of: .key)
        filter.admit("bob", of: .key)
        filter.admit("", of: .team)
        filter.admit("a=b", of: .user)
        let command = try UsageShow.parse(["--where", "key=alice,team=,key=bob,user=a=b"])
        #expect(command.selection.where.filter == filter)
        #expect(try UsageShow.parse([]).selection.where.filter == UsageFilter())
    }

    @Test(arguments: ["", ",", "key", "=a", "nothing=1", "day=2026-11-01", "key=a;b,c"])
    func refusesWhatIsNoCondition(text: String) {
        #expect(throws: (any Error).self) { try UsageShow.parse(["--where", text]) }
    }

    @Test func ordersAndBoundsAreRead() throws {
        let command = try UsageShow.parse(["--sort", "prompt_tokens", "--top", "3"])
        #expect(command.sort == .promptTokens)
        #expect(command.top == 3)
        #expect(throws: (any Error).self) { try UsageShow.parse(["--top", "0"]) }
        #expect(throws: (any Error).self) { try UsageShow.parse(["--sort", "colour"]) }
    }

    @Test func everyGroupingCanBeNamed() throws {
        let all = UsageGrouping.allCases.map(\.rawValue).joined(separator: ",")
        #expect(try UsageShow.parse(["--by", all]).by.groupings == UsageGrouping.allCases)
    }
}
