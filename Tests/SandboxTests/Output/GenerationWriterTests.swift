import Testing

@testable import Sandbox

@Suite struct GenerationWriterTests {
    private func generation(
        _ content: Generation.Content = .pieces([Array("a".utf8), Array("\"b\"".utf8)]), tokens: Int = 2,
        reasoning: Int = 0, choices: Int = 1, tool: Generation.ToolCall? = nil, isCut: Bool = false
    ) -> Generation {
        Generation(
            content: content, toolCall: tool, choices: choices, reasoningTokens: reasoning, contentTokens: tokens,
            isCut: isCut, promptTokens: 3, cachedTokens: nil)
    }

    private func writer(_ form: GenerationWriter.Form = .chat, id: String? = "i") -> GenerationWriter {
        GenerationWriter(form, id: id, created: 5, model: "m", backend: Array(#"{"x":1}"#.utf8))
    }

    private func document(
        _ generation: Generation, form: GenerationWriter.Form = .chat, hasBackend: Bool = false, hasUsage: Bool = false
    ) -> String {
        String(
            decoding: writer(form).document(generation, hasBackend: hasBackend, hasUsage: hasUsage), as: UTF8.self)
    }

    private func event(
        _ delta: GenerationWriter.Delta, _ generation: Generation, form: GenerationWriter.Form = .chat,
        usage: GenerationWriter.EventUsage = .absent
    ) -> String {
        written {
            writer(form).appendEvent(delta, choice: 0, of: generation, hasBackend: false, usage: usage, to: &$0)
        }
    }

    // MARK: Documents

    @Test func aChatHasAMessage() {
        #expect(
            document(generation())
                == #"{"id":"i","created":5,"model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a\"b\""},"finish_reason":"stop"}]}"#
        )
    }

    @Test func aTextCompletionHasAText() {
        #expect(
            document(generation(), form: .text)
                == #"{"id":"i","created":5,"model":"m","object":"text_completion","choices":[{"index":0,"logprobs":null,"text":"a\"b\"","finish_reason":"stop"}]}"#
        )
    }

    @Test func theIDIsLeftOut() {
        let bytes = writer(id: nil).document(generation(), hasBackend: false, hasUsage: false)
        #expect(bytes.starts(with: #"{"created":5"#.utf8))
    }

    @Test func theBackendFollowsTheModel() {
        #expect(document(generation(), hasBackend: true).contains(#""model":"m","backend":{"x":1},"object""#))
    }

    @Test func usageAddsUp() {
        #expect(
            document(generation(choices: 2), hasUsage: true).hasSuffix(
                #","usage":{"completion_tokens":4,"prompt_tokens":3,"reasoning_tokens":0,"total_tokens":7}}"#))
    }

    @Test func reasoningIsAMemberOfTheMessage() {
        #expect(document(generation(reasoning: 1)).contains(#","reasoning_content":""#))
        #expect(!document(generation()).contains("reasoning_content"))
    }

    @Test func aToolCallReplacesTheContent() {
        let text = document(generation(tool: Generation.ToolCall(id: "c", name: "f")))
        #expect(
            text.contains(
                #""content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"a\"b\""}}]"#
            ))
        #expect(text.contains(#""finish_reason":"tool_calls""#))
    }

    @Test func aShortenedOutputEndsByLength() {
        let call = Generation.ToolCall(id: "c", name: "f")
        #expect(document(generation(isCut: true)).contains(#""finish_reason":"length""#))
        #expect(document(generation(tool: call, isCut: true)).contains(#""finish_reason":"length""#))
    }

    // MARK: Events

    @Test func theFirstEventHasTheRole() {
        #expect(
            event(.role, generation())
                == #"data: {"id":"i","created":5,"model":"m","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
                + "\n\n")
    }

    @Test func tokensAreContents() {
        #expect(event(.token(0), generation()).contains(#""delta":{"content":"a"}"#))
        #expect(event(.token(1), generation()).contains(#""delta":{"content":"\"b\""}"#))
    }

    @Test func reasoningComesFirst() {
        let generation = generation(reasoning: 1)
        #expect(event(.token(0), generation).contains(#""delta":{"reasoning_content":""#))
        #expect(event(.token(1), generation).contains(#""delta":{"content":"a"}"#))
    }

    @Test func argumentsAreStreamed() {
        let generation = generation(tool: Generation.ToolCall(id: "c", name: "f"))
        #expect(event(.role, generation).contains(#""content":null"#))
        #expect(
            event(.toolName, generation).contains(#""id":"c","type":"function","function":{"name":"f","arguments":""}"#)
        )
        #expect(event(.token(0), generation).contains(#""tool_calls":[{"index":0,"function":{"arguments":"a"}}]"#))
    }

    @Test func theLastEventHasTheReason() {
        #expect(event(.finish, generation()).contains(#""delta":{},"finish_reason":"stop"}"#))
    }

    @Test func textEventsHaveTexts() {
        #expect(
            event(.token(0), generation(), form: .text).contains(#""logprobs":null,"text":"a","finish_reason":null"#))
        #expect(event(.finish, generation(), form: .text).contains(#""text":"","finish_reason":"stop""#))
        #expect(event(.token(0), generation(reasoning: 1), form: .text).contains(#""text":"""#))
    }

    @Test func usageOfEvents() {
        #expect(!event(.token(0), generation()).contains("usage"))
        #expect(event(.token(0), generation(), usage: .null).hasSuffix("],\"usage\":null}\n\n"))
        #expect(event(.token(0), generation(), usage: .stated(1)).contains(#""usage":{"completion_tokens":1,"#))
    }

    @Test func theUsageEventHasNoChoices() {
        let text = written { writer().appendUsageEvent(generation(), hasBackend: false, to: &$0) }
        #expect(text.contains(#""choices":[],"usage":{"completion_tokens":2,"#))
    }

    // MARK: Contents

    @Test func fillerHasItsBytesInEverySplit() {
        for pieces in [1, 3, 7, 100] {
            let generation = generation(.filler(bytes: 50, pieces: pieces), tokens: pieces)
            let whole = written { generation.appendContent(0..<pieces, choice: 0, to: &$0) }
            let joined = (0..<pieces).map { piece in
                written { generation.appendContent(piece..<piece + 1, choice: 0, to: &$0) }
            }.joined()
            #expect(whole.utf8.count == 50)
            #expect(joined == whole)
        }
    }

    @Test func fillerWithoutPiecesIsEmpty() {
        let generation = generation(.filler(bytes: 50, pieces: 0), tokens: 0)
        #expect(written { generation.appendContent(0..<0, choice: 0, to: &$0) } == "")
    }

    @Test func choicesHaveDifferentWords() {
        let generation = generation(.words(offset: 0), tokens: 3, choices: 2)
        #expect(
            written { generation.appendContent(0..<3, choice: 0, to: &$0) }
                != written { generation.appendContent(0..<3, choice: 1, to: &$0) })
    }
}
