import Policy
import Testing

@Suite struct LimitNameTests {
    private static let names = LimitName.Scope.allCases.flatMap { scope in
        LimitKind.allCases.map { "\(scope.rawValue):\($0.rawValue)" }
    }

    @Test(arguments: names) func everyLimitIsReadFromItsText(text: String) throws {
        let name = try #require(LimitName(text))
        #expect(name.description == text)
        // The journal's slots have 48 bytes for it.
        #expect(text.utf8.count <= 48)
    }

    @Test(arguments: [
        "", ":", "key", "key:", "key:tokens", ":tokens_per_minute", "key:tokens_per_minute:", "Key:tokens_per_day",
    ])
    func otherTextsAreNoLimit(text: String) { #expect(LimitName(text) == nil) }

    @Test(
        arguments: [
            (.key, nil, "key"), (.team("a"), nil, "team"), (.account, nil, "account"), (.key, .model("m"), "key_model"),
            (.team("a"), .model("m"), "team_model"), (.account, .model("m"), "account_model"),
            (.key, .user("u"), "key_user"), (.team("a"), .user(""), "team_user"),
            (.account, .user("u"), "account_user"),
        ] as [(LimitScope, LimitPart?, String)])
    func scopesHaveNoNamesOfOwners(scope: LimitScope, part: LimitPart?, name: String) {
        #expect(LimitName.Scope(scope, part).rawValue == name)
    }
}
