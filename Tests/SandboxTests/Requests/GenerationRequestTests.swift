import SeededRandom
import Testing

@testable import Sandbox

@Suite struct GenerationRequestTests {
    private func read(_ members: String, takesPrompt: Bool = false) throws -> GenerationRequest {
        try GenerationRequest(Array(#"{"model":"m",\#(members)}"#.utf8), takesPrompt: takesPrompt)
    }

    private static let hello = #""messages":[{"role":"user","content":"Hello"}]"#

    @Test func membersHaveDefaults() throws {
        let request = try read(Self.hello)
        #expect(request.model == "m")
        #expect(!request.streams)
        #expect(!request.includesUsage)
        #expect(request.maxTokens == nil)
        #expect(request.choices == 1)
        #expect(request.reasoningTokens == 0)
        #expect(request.promptTokens == 6)
    }

    @Test func membersAreRead() throws {
        let request = try read(
            Self.hello + #","stream":true,"stream_options":{"include_usage":true},"n":3,"max_tokens":7"#)
        #expect(request.streams)
        #expect(request.includesUsage)
        #expect(request.choices == 3)
        #expect(request.maxTokens == 7)
    }

    @Test(arguments: ["false", "null", "1", "\"true\""])
    func otherValuesDoNotStream(_ value: String) throws {
        #expect(try !read(Self.hello + #","stream":\#(value)"#).streams)
    }

    @Test(
        arguments: [
            (#""max_tokens":5"#, 5), (#""max_completion_tokens":6"#, 6),
            (#""max_tokens":5,"max_completion_tokens":6"#, 6), (#""max_tokens":9223372036854775807"#, Int.max),
            (#""max_tokens":null"#, nil),
        ] as [(String, Int?)])
    func theBoundHasTwoNames(_ members: String, _ bound: Int?) throws {
        #expect(try read(Self.hello + "," + members).maxTokens == bound)
    }

    @Test(
        arguments: [
            (#""max_tokens":0"#, "max_tokens"), (#""max_tokens":-1"#, "max_tokens"),
            (#""max_tokens":1.5"#, "max_tokens"),
            (#""max_tokens":"5""#, "max_tokens"), (#""max_tokens":9223372036854775808"#, "max_tokens"),
            (#""max_completion_tokens":0"#, "max_completion_tokens"), (#""n":0"#, "n"), (#""n":129"#, "n"),
            (#""n":1e30"#, "n"), (#""n":true"#, "n"), (#""temperature":-0.1"#, "temperature"),
            (#""temperature":2.1"#, "temperature"), (#""temperature":1e400"#, "temperature"),
            (#""temperature":"1""#, "temperature"),
        ])
    func numbersAreChecked(_ members: String, _ param: String) {
        let error = #expect(throws: SandboxError.self) { try read(Self.hello + "," + members) }
        #expect(error?.param == param)
        #expect(error?.status == 400)
    }

    @Test(arguments: ["0", "2", "1.5", "1e0", "null"])
    func temperaturesAreFrom0To2(_ value: String) throws {
        #expect(try read(Self.hello + #","temperature":\#(value)"#).choices == 1)
    }

    @Test(arguments: [
        ("minimal", 8), ("low", 8), ("medium", 16), ("high", 32), ("xhigh", 32), ("none", 0), ("other", 0),
    ])
    func effortsHaveTokens(_ effort: String, _ tokens: Int) throws {
        #expect(try read(Self.hello + #","reasoning_effort":"\#(effort)""#).reasoningTokens == tokens)
    }

    @Test(
        arguments: [
            (#""messages":[{"content":"abcd"}]"#, 1 + 4), (#""messages":[{"content":"abcde"},{"content":"a"}]"#, 2 + 8),
            (#""messages":[{}]"#, 4), (#""messages":[{"content":null}]"#, 4),
            (#""messages":[{"content":[{"type":"text","text":"abcd"}]}]"#, 1 + 4 + 16),
            (#""messages":[{"content":[{"type":"image_url","image_url":{"url":"data:x"}}]}]"#, 4 + 16),
            (#""messages":[{"content":"é"}]"#, 1 + 4), (#""messages":[{"content":"\u00e9abc"}]"#, 2 + 4),
            (#""messages":[{"content":"abcd"}],"tools":[{"name":"abcd"}]"#, 1 + 4 + 1),
        ])
    func messagesAreCounted(_ members: String, _ tokens: Int) throws {
        #expect(try read(members).promptTokens == tokens)
    }

    @Test(
        arguments: [
            (#""prompt":"abcde""#, 1, 2), (#""prompt":["a","b"]"#, 2, 1), (#""prompt":[1,2,3]"#, 1, 3),
            (#""prompt":[[1],[2,3]]"#, 2, 3), (#""prompt":[]"#, 1, 0), (#""prompt":["a","b"],"n":2"#, 4, 1),
        ])
    func promptsAreCounted(_ members: String, _ choices: Int, _ tokens: Int) throws {
        let request = try read(members, takesPrompt: true)
        #expect(request.choices == choices)
        #expect(request.promptTokens == tokens)
    }

    @Test func promptsAreNotForChats() {
        let error = #expect(throws: SandboxError.self) { try read(#""prompt":"a""#) }
        #expect(error?.param == "messages")
    }

    @Test func choicesAreBounded() throws {
        func prompts(_ count: Int) -> String {
            #""n":128,"prompt":[\#(Array(repeating: #""a""#, count: count).joined(separator: ","))]"#
        }
        #expect(try read(prompts(16), takesPrompt: true).choices == 2048)
        #expect(throws: SandboxError.self) { try read(prompts(17), takesPrompt: true) }
    }

    @Test func anOffsetDependsOnThePrompt() throws {
        let offsets = try Set((0..<100).map { try read(#""messages":[{"content":"\#($0)"}]"#).offset })
        #expect(offsets.count > 20)
        #expect(offsets.allSatisfy { (0..<64).contains($0) })
    }

    // MARK: Tools

    private func tool(_ more: String, messages: String = GenerationRequestTests.hello) throws -> String? {
        let tools = #""tools":[{"function":{"name":"a"}},{"function":{"name":"b","parameters":{"type":"null"}}}]"#
        let body = Array(#"{"model":"m",\#(messages),\#(tools)\#(more)}"#.utf8)
        return try GenerationRequest(body, takesPrompt: false).tool(in: body)?.name
    }

    @Test func theFirstToolIsCalled() throws {
        #expect(try tool("") == "a")
        #expect(try tool(#","tool_choice":"auto""#) == "a")
    }

    @Test func aChosenToolIsCalled() throws {
        #expect(try tool(#","tool_choice":{"type":"function","function":{"name":"b"}}"#) == "b")
        #expect(try tool(#","tool_choice":{"type":"function","function":{"name":"c"}}"#) == nil)
    }

    @Test func noToolIsCalledOnRequest() throws {
        #expect(try tool(#","tool_choice":"none""#) == nil)
    }

    @Test func noToolIsCalledAfterItsResult() throws {
        #expect(
            try tool("", messages: #""messages":[{"role":"user","content":"a"},{"role":"tool","content":"b"}]"#) == nil)
    }

    @Test func changedBodiesStopNothing() {
        var generator = SeededGenerator(seed: 9)
        let body = Array(
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"n":2,"max_tokens":10,"temperature":1,"tools":[{"function":{"name":"a"}}],"tool_choice":"auto"}"#
                .utf8)
        for _ in 0..<2000 {
            let changed = generator.mutated(body, with: Array(#"{}[]",:-19e\"#.utf8))
            guard let request = try? GenerationRequest(changed, takesPrompt: true) else { continue }
            _ = request.tool(in: changed)
            #expect((1...2048).contains(request.choices))
        }
    }
}
