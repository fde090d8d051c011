import ChatFixtures
import OpenAIAPI
import ResponsesAPI
import SeededRandom
import Testing

/// Streams of chat chunks as streams of the Responses API, row by row.
@Suite struct ResponsesTranslatorTests {
    private static let message = [
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done",
        "output_item.done",
    ]
    private static let reasoning = [
        "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done", "content_part.done",
        "output_item.done",
    ]
    private static let call = [
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
    ]

    @Test func textIsAMessage() throws {
        let stream = try ResponsesStream(ChatStream([ChatStream.content("Hel"), ChatStream.content(#"lo \"é\""#)]))
        #expect(
            stream.names == ["created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"]
                + ["output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed"])
        #expect(stream.deltas("output_text") == #"Hello "é""#)
        #expect(stream.events[6].data["text"]?.string == #"Hello "é""#)
        #expect(
            stream.items("added") == [
                JSON(#"{"id":"msg_0a1b_0","status":"in_progress","type":"message","role":"assistant","content":[]}"#)
            ])
        let item = JSON(
            #"{"id":"msg_0a1b_0","status":"completed","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello \"é\""}]}"#
        )
        #expect(stream.items("done") == [item])
        #expect(stream.output == [item])
    }

    @Test func theResponseIsStatedAtItsBeginningAndItsEnd() throws {
        let stream = try ResponsesStream(
            ChatStream([ChatStream.content("a")]),
            #""metadata":{"k":"v"},"temperature":0.5,"text":{"verbosity":"low"},"tools":[{"type":"function","name":"f"}]"#
        )
        for (index, status) in [(0, "in_progress"), (1, "in_progress"), (stream.events.count - 1, "completed")] {
            let response = try #require(stream.events[index].data["response"])
            #expect(response["id"]?.string == "resp_0a1b")
            #expect(response["object"]?.string == "response")
            #expect(response["status"]?.string == status)
            #expect(response["created_at"]?.integer == 1_700_000_000)
            #expect(response["model"]?.string == "served")
            #expect(response["metadata"] == JSON(#"{"k":"v"}"#))
            #expect(response["temperature"] == JSON("0.5"))
            #expect(response["top_p"] == JSON("1"))
            #expect(response["store"] == JSON("false"))
            #expect(response["text"] == JSON(#"{"format":{"type":"text"},"verbosity":"low"}"#))
            #expect(
                response["tools"]
                    == JSON(#"[{"type":"function","name":"f","description":null,"parameters":null,"strict":null}]"#))
        }
        #expect(stream.events[0].data["response"]?["usage"]?.isNull == true)
        #expect(stream.events[0].data["response"]?["completed_at"]?.isNull == true)
        #expect(stream.response?["completed_at"]?.integer == 1_700_000_007)
        #expect(
            stream.response?["usage"]
                == JSON(
                    #"{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":0},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}"#
                ))
    }

    @Test func membersOfSeveralLinesAreRepeatedOnOne() throws {
        let members = "\"metadata\":{\n\"k\":\r\n\"v\"},\"tools\":[{\"type\":\"custom\",\n\"name\":\"c\"}]"
        let stream = try ResponsesStream(ChatStream([ChatStream.content("a")]), members)
        #expect(stream.response?["metadata"] == JSON(#"{"k":"v"}"#))
        #expect(stream.response?["tools"] == JSON(#"[{"type":"custom","name":"c"}]"#))
    }

    @Test func largeMembersAreNotRepeated() throws {
        let text = String(repeating: "a", count: 5000)
        let stream = try ResponsesStream(
            ChatStream([]),
            #""instructions":"\#(text)","tools":[{"type":"function","name":"f","description":"\#(text)"}]"#)
        #expect(stream.response?["instructions"]?.isNull == true)
        #expect(stream.response?["tools"] == JSON("[]"))
    }

    /// The members that the Open Responses specification requires.
    @Test func everyResponseHasTheRequiredMembers() throws {
        let required = [
            "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model",
            "previous_response_id", "instructions", "output", "error", "tools", "tool_choice", "truncation",
            "parallel_tool_calls", "text", "top_p", "presence_penalty", "frequency_penalty", "top_logprobs",
            "temperature", "reasoning", "user", "usage", "max_output_tokens", "max_tool_calls", "store", "background",
            "service_tier", "metadata", "safety_identifier", "prompt_cache_key",
        ]
        let stream = try ResponsesStream(ChatStream([ChatStream.content("a")]))
        for event in stream.events {
            guard let response = event.data["response"] else { continue }
            #expect(response.names == required.sorted())
        }
    }

    @Test func reasoningTextAndCallsAreItemsInTurn() throws {
        let stream = try ResponsesStream(
            ChatStream(
                [
                    ChatStream.reasoning("think"), ChatStream.content("say"),
                    ChatStream.call(0, id: "c1", "f", #"{\"a\":1}"#), ChatStream.call(1, id: "c2", "g", "{}"),
                ], finish: "tool_calls"))
        #expect(
            stream.names == ["created", "in_progress"] + Self.reasoning + Self.message + Self.call + Self.call
                + ["completed"])
        #expect(
            stream.output == [
                JSON(
                    #"{"id":"rs_0a1b_0","status":"completed","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"think"}]}"#
                ),
                JSON(
                    #"{"id":"msg_0a1b_1","status":"completed","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"say"}]}"#
                ),
                JSON(
                    #"{"id":"fc_0a1b_2","status":"completed","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#
                ),
                JSON(
                    #"{"id":"fc_0a1b_3","status":"completed","type":"function_call","call_id":"c2","name":"g","arguments":"{}"}"#
                ),
            ])
        #expect(stream.items("done") == stream.output)
        #expect(stream.response?["status"]?.string == "completed")
    }

    @Test func interleavedPartsAreItemsOfTheirOwn() throws {
        let stream = try ResponsesStream(
            ChatStream([
                ChatStream.reasoning("a"), ChatStream.content("b"), ChatStream.reasoning("c"), ChatStream.content("d"),
                #"{"refusal":"e"}"#,
            ]))
        #expect(
            stream.output.map { $0["type"]?.string } == ["reasoning", "message", "reasoning", "message", "message"])
        let texts = stream.output.map { $0["content"]?[0] }
        #expect(texts.map { $0?["text"]?.string ?? $0?["refusal"]?.string } == ["a", "b", "c", "d", "e"])
        #expect(stream.names.contains("refusal.delta") && stream.names.contains("refusal.done"))
    }

    @Test func fragmentsOfParallelCallsMayBeMixed() throws {
        let stream = try ResponsesStream(
            ChatStream(
                [
                    ChatStream.call(0, id: "c1", "f"), ChatStream.call(1, id: "c2", "g"),
                    ChatStream.fragment(0, #"{\"a\":"#), ChatStream.fragment(1, #"{\"b\""#),
                    ChatStream.fragment(0, #"[1]"#), ChatStream.fragment(1, ":2}"), ChatStream.fragment(0, "}"),
                    ChatStream.content("after"),
                ], finish: "tool_calls"))
        #expect(stream.output.map { $0["arguments"]?.string } == [#"{"a":[1]}"#, #"{"b":2}"#, nil])
        #expect(stream.output.map { $0["call_id"]?.string } == ["c1", "c2", nil])
        #expect(stream.items("done") == stream.output)
    }

    @Test func argumentsInManyFragmentsAreJoined() throws {
        let arguments = #"{\"path\":\"a\\\\b\",\"text\":\"}{\"}"#
        // Escapes are never cut: a fragment is a JSON string of its own.
        let fragments = [#"{\"path"#, #"\":\""#, "a", #"\\\\"#, #"b\",\"te"#, #"xt\":\""#, "}{", #"\"}"#]
        #expect(fragments.joined() == arguments)
        let stream = try ResponsesStream(
            ChatStream([ChatStream.call(0, id: "c", "f")] + fragments.map { ChatStream.fragment(0, $0) }))
        #expect(stream.output.first?["arguments"]?.string == #"{"path":"a\\b","text":"}{"}"#)
        #expect(stream.deltas("function_call_arguments") == #"{"path":"a\\b","text":"}{"}"#)
        #expect(stream.names.count { $0 == "function_call_arguments.delta" } == fragments.count)
    }

    @Test func aCallWithoutArgumentsHasAnEmptyObject() throws {
        let stream = try ResponsesStream(
            ChatStream([ChatStream.call(0, id: "c", "f"), ChatStream.call(1, id: "d", "g")], finish: "tool_calls"))
        #expect(stream.output.map { $0["arguments"]?.string } == ["{}", "{}"])
        #expect(stream.names == ["created", "in_progress"] + Self.call + Self.call + ["completed"])
    }

    @Test func callsThatServersWriteInOtherWaysAreRead() throws {
        let calls = [
            // Whole calls without an index, with the object itself, and without an id.
            #"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}},{"function":{"name":"g","arguments":"{}"}}]}"#,
            // The same index again, with an id of its own.
            #"{"tool_calls":[{"index":0,"id":"z","function":{"name":"h","arguments":"{}"}}]}"#,
        ]
        let stream = try ResponsesStream(ChatStream(calls))
        #expect(stream.output.map { $0["name"]?.string } == ["f", "g", "h"])
        #expect(stream.output.map { $0["arguments"]?.string } == [#"{"x":1}"#, "{}", "{}"])
        #expect(stream.output.map { $0["call_id"]?.string } == ["a", "call_0a1b_1", "z"])
    }

    @Test func whatFollowsACallThatHasEndedBelongsToNone() throws {
        let calls = [
            ChatStream.call(0, id: "a", "f", "{}"), ChatStream.call(1, id: "b", "g", "{}"),
            ChatStream.call(0, id: "a", "f", " "), ChatStream.fragment(0, " "),
        ]
        #expect(try ResponsesStream(ChatStream(calls)).output.map { $0["call_id"]?.string } == ["a", "b"])
    }

    @Test func callsOfNamespacesAndCustomToolsAreTheirOwnAgain() throws {
        let tools =
            #""tools":[{"type":"namespace","name":"ns","tools":[{"type":"function","name":"f"}]},{"type":"custom","name":"patch"}]"#
        let stream = try ResponsesStream(
            ChatStream([
                ChatStream.call(0, id: "c1", "ns__f", "{}"),
                ChatStream.call(1, id: "c2", "patch", #"{\"input\""#), ChatStream.fragment(1, #":\"a\\n\\\"b\\\"\"}"#),
                ChatStream.call(2, id: "c3", "patch", "no object"), ChatStream.call(3, id: "c4", "patch"),
            ]), tools)
        #expect(
            stream.output == [
                JSON(
                    #"{"id":"fc_0a1b_0","status":"completed","type":"function_call","call_id":"c1","name":"f","namespace":"ns","arguments":"{}"}"#
                ),
                JSON(
                    #"{"id":"ctc_0a1b_1","status":"completed","type":"custom_tool_call","call_id":"c2","name":"patch","input":"a\n\"b\""}"#
                ),
                JSON(
                    #"{"id":"ctc_0a1b_2","status":"completed","type":"custom_tool_call","call_id":"c3","name":"patch","input":"no object"}"#
                ),
                JSON(
                    #"{"id":"ctc_0a1b_3","status":"completed","type":"custom_tool_call","call_id":"c4","name":"patch","input":""}"#
                ),
            ])
        #expect(stream.items("added").map { $0?["input"]?.string } == [nil, "", "", ""])
        #expect(stream.deltas("custom_tool_call_input") == "a\n\"b\"no object")
    }

    @Test(
        arguments: [
            ("stop", "completed", nil), ("tool_calls", "completed", nil), ("length", "incomplete", "max_output_tokens"),
            ("content_filter", "incomplete", "content_filter"), ("whatever", "completed", nil),
        ] as [(String, String, String?)])
    func theReasonOfTheEndIsTheStatus(_ finish: String, _ status: String, _ reason: String?) throws {
        let stream = try ResponsesStream(ChatStream([ChatStream.content("a")], finish: finish))
        #expect(stream.names.last == status)
        #expect(stream.response?["status"]?.string == status)
        #expect(stream.response?["incomplete_details"]?["reason"]?.string == reason)
        #expect(stream.output.first?["status"]?.string == (reason == nil ? "completed" : "incomplete"))
    }

    @Test func anEmptyAnswerIsComplete() throws {
        let stream = try ResponsesStream(ChatStream([]))
        #expect(stream.names == ["created", "in_progress", "completed"])
        #expect(stream.output == [])
    }

    @Test func usageMayComeWithEveryChunkOrNever() throws {
        var every = ChatStream()
        for count in 1...3 {
            every.event(
                #"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":\#(count == 3 ? "\"stop\"" : "null")}],"usage":{"prompt_tokens":2,"completion_tokens":\#(count),"total_tokens":\#(2 + count)}}"#
            )
        }
        every.event("[DONE]")
        #expect(try ResponsesStream(every).response?["usage"]?["output_tokens"]?.integer == 3)
        #expect(try ResponsesStream(every).response?["model"]?.string == "asked")
        let never = ChatStream([ChatStream.content("a")], usage: nil)
        #expect(try ResponsesStream(never).response?["usage"]?.isNull == true)
    }

    @Test func charactersThatChunksCutAreJoined() throws {
        let stream = try ResponsesStream(
            ChatStream([
                ChatStream.content(#"a\ud83d"#), ChatStream.content(#"\ude00b"#), ChatStream.content(#"\ud83d\ude00"#),
                ChatStream.content(#"\ud83d"#), ChatStream.content("c"), ChatStream.content(#"\\ud83d"#),
                ChatStream.content(#"\ud83d"#),
            ]))
        let text = "a\u{1F600}b\u{1F600}\u{FFFD}c\\ud83d\u{FFFD}"
        #expect(stream.deltas("output_text") == text)
        #expect(stream.output.first?["content"]?[0]?["text"]?.string == text)
    }

    @Test func otherChoicesAreNotTheResponse() throws {
        var stream = ChatStream()
        stream.event(
            #"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"},"finish_reason":"stop"}]}"#
        )
        stream.event("[DONE]")
        #expect(try ResponsesStream(stream).deltas("output_text") == "yes")
    }

    // MARK: Failures

    @Test(arguments: [
        (#"{"error":{"message":"m","type":"server_error","code":null}}"#, "server_error"),
        (#"{"error":{"message":"m","type":"rate_limit_error","code":"rate_limit_exceeded"}}"#, "rate_limit_exceeded"),
        (#"{"error":{"message":"m","code":429}}"#, "rate_limit_exceeded"),
        (#"{"error":{"message":"m","code":400}}"#, "invalid_prompt"),
        (#"{"error":{"message":"m","code":500}}"#, "server_error"),
        (#"{"error":{"message":"m","code":"context_length_exceeded"}}"#, "context_length_exceeded"),
        (#"{"error":{"message":"The maximum context length is 8","code":400}}"#, "context_length_exceeded"),
        (#"{"error":"m"}"#, "server_error"),
    ])
    func anErrorInTheStreamFailsTheResponse(_ error: String, _ code: String) throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        chat.event(error)
        chat.chunk(ChatStream.content("never"))
        chat.event("[DONE]")
        let stream = try ResponsesStream(chat)
        #expect(stream.names.last == "failed")
        #expect(!stream.names.contains("completed"))
        #expect(stream.response?["status"]?.string == "failed")
        #expect(stream.response?["error"]?["code"]?.string == code)
        #expect(stream.response?["error"]?["message"]?.string?.isEmpty == false)
        #expect(stream.deltas("output_text") == "a")
    }

    @Test func aStreamThatBreaksOffFails() throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        #expect(try ResponsesStream(chat).names.last == "failed")
        chat.chunk("{}", finish: "stop")
        #expect(try ResponsesStream(chat).names.last == "completed")
        #expect(try ResponsesStream(ChatStream()).names == ["created", "in_progress", "failed"])
    }

    @Test func achunkThatIsNoObjectFailsTheResponse() throws {
        for data in ["{", "[]", "7", "\"a\""] {
            var chat = ChatStream()
            chat.event(data)
            chat.event("[DONE]")
            #expect(try ResponsesStream(chat).response?["error"]?["code"]?.string == "server_error")
        }
    }

    @Test func theGatewayMayFailTheResponse() throws {
        let translator = try translated().response
        var output: [UInt8] = []
        translator.fail(UpstreamError(.upstreamTimeout), at: testTime, to: &output)
        translator.finish(at: testTime, to: &output)
        let stream = try ResponsesStream(output)
        #expect(stream.names == ["created", "in_progress", "failed"])
        #expect(stream.response?["error"]?["code"]?.string == "server_error")
        #expect(translator.end == .failed)
    }

    @Test func aStreamAtItsLimitIsIncomplete() throws {
        let translator = try translated().response
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        var output: [UInt8] = []
        translator.receive(Array(chat.text.utf8).span, at: testTime, to: &output)
        #expect(translator.end == nil)
        translator.stop(at: testTime, to: &output)
        translator.receive(Array(chat.text.utf8).span, at: testTime, to: &output)
        let stream = try ResponsesStream(output)
        #expect(stream.names.last == "incomplete")
        #expect(stream.response?["incomplete_details"]?["reason"]?.string == "max_output_tokens")
        #expect(stream.output.first?["status"]?.string == "incomplete")
        #expect(translator.end == .complete)
    }

    @Test func aStreamBeyondEveryMeasureFails() throws {
        let translator = try translated().response
        var output: [UInt8] = []
        translator.receive(Array("data: ".utf8).span, at: testTime, to: &output)
        let megabyte = [UInt8](repeating: 65, count: 1 << 20)
        for _ in 0...16 { translator.receive(megabyte.span, at: testTime, to: &output) }
        #expect(try ResponsesStream(output).names == ["created", "in_progress", "failed"])
    }

    // MARK: Splits

    @Test func anySplitHasTheSameEvents() throws {
        let chat = ChatStream(
            [
                ChatStream.reasoning("é"), ChatStream.content(#"\ud83d"#), ChatStream.content(#"\ude00"#),
                ChatStream.call(0, id: "c", "f", "{}"), ChatStream.call(1, id: "d", "g", "{"),
                ChatStream.fragment(1, "}"),
            ], finish: "tool_calls")
        let bytes = Array(chat.text.utf8)
        let whole = translatedStream([bytes], by: try translated().response)
        for pieces in everySplit(bytes) {
            #expect(translatedStream(pieces, by: try translated().response) == whole)
        }
        let returns = Array(chat.text.replacing("\n", with: "\r\n").utf8)
        #expect(translatedStream([returns], by: try translated().response) == whole)
    }
}
