import Testing

@testable import OpenAIAPI

@Suite struct ModelListTests {
    private let list = """
        {
          "object": "list",
          "data": [
            {"id": "gpt-oss:120b", "object": "model", "created": 9007199254740993, "permission": [{"id": "p, ]}\\""}]},
            { "object": "model", "id" : "gra\\u006eite" },
            {"id":"nvidia/llama"}
          ], "x": [1, 2]
        }
        """

    private func filtered(
        _ text: String, _ aliases: [(alias: String, target: String)] = [], allows: (String) -> Bool = { _ in true }
    ) -> String? {
        ModelList(Array(text.utf8), allows: allows, aliases: aliases).map {
            String(decoding: $0.document, as: UTF8.self)
        }
    }

    @Test func entriesKeepTheirBytes() throws {
        let result = try #require(filtered(list))
        #expect(
            result.contains(
                #"{"id": "gpt-oss:120b", "object": "model", "created": 9007199254740993, "permission": [{"id": "p, ]}\""}]}"#
            ))
        #expect(result.contains(#"{ "object": "model", "id" : "gra\u006eite" }"#))
        #expect(parsed(result) == parsed(list))
    }

    @Test func onlyWhatIsAllowedIsShown() throws {
        #expect(
            try #require(filtered(list) { $0 == "granite" }).filter { !$0.isWhitespace }
                == #"{"object":"list","data":[{"object":"model","id":"gra\u006eite"}],"x":[1,2]}"#)
        #expect(
            parsed(try #require(filtered(list) { _ in false })) == parsed(#"{"object":"list","data":[],"x":[1,2]}"#))
    }

    @Test func aliasesAreCopiesOfTheirTargets() throws {
        let result = try #require(
            filtered(
                #"{"data":[{"id":"a","n":1},{"id":"b"}]}"#,
                [("x\"y", "a"), ("b", "a"), ("gone", "nowhere"), ("z", "b")]
            ) { $0 != "b" })
        #expect(result == #"{"data":[{"id":"a","n":1},{"id":"x\"y","n":1}]}"#)
    }

    @Test func anAliasAloneNeedsNoCommaBefore() {
        #expect(filtered(#"{"data":[]}"#, [("x", "a")]) == #"{"data":[]}"#)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"data":{}}"#, #"{"data":[}"#, #"{"data":[],"data":[]}"#, #"{"error":{"message":"no"}}"#,
    ])
    func whatIsNoListIsLeftAlone(text: String) {
        #expect(filtered(text) == nil)
    }

    @Test func entriesWithoutAnIDAreLeftOut() {
        #expect(
            filtered(#"{"data":[1,"a",null,[],{},{"id":5},{"id":"a","id":"b"},{"id":"c"}]}"#)
                == #"{"data":[{"id":"c"}]}"#)
    }
}
