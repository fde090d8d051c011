import ChatFixtures
import MessagesAPI
import OpenAIAPI
import SeededRandom
import Testing

/// Streams of chat chunks as streams of the Messages API, row by row.
@Suite struct MessagesTranslatorTests {
    private static let end = ["message_delta", "message_stop"]

    @Test func textIsABlock() throws {
        let stream = try MessagesStream(ChatStream([ChatStream.content("Hel"), ChatStream.content(#"lo \"é\""#)]))
        #expect(
            stream.events.map(\.name) == ["message_start", "ping", "content_block_start", "content_block_delta"]
                + ["content_block_delta", "content_block_stop", "message_delta", "message_stop"])
        #expect(
            stream.events[0].data["message"]
                == JSON(
                    #"{"id":"msg_0a1b","type":"message","role":"assistant","model":"served","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}"#
                ))
        #expect(stream.events[2].data["content_block"] == JSON(#"{"type":"text","text":""}"#))
        #expect(stream.events[4].data["delta"] == JSON(#"{"type":"text_delta","text":"lo \"é\""}"#))
        #expect(stream.events[5].data == JSON(#"{"type":"content_block_stop","index":0}"#))
        #expect(
            stream.delta
                == JSON(
                    #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":6,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}"#
                ))
    }

    private static let all = ChatStream(
        [
            ChatStream.reasoning("think"), ChatStream.content("say"), ChatStream.call(0, id: "c1", "f", #"{\"a\""#),
            ChatStream.fragment(0, ":1}"), ChatStream.call(1, id: "c2", "g", "{}"),
        ], finish: "tool_calls")

    @Test func thinkingTextAndCallsAreBlocksInTurn() throws {
        let stream = try MessagesStream(Self.all, thinking)
        #expect(stream.blocks == ["thinking:think", "text:say", #"tool_use f:{"a":1}"#, "tool_use g:{}"])
        #expect(stream.stopReason == "tool_use")
        let block = ["content_block_start", "content_block_delta", "content_block_stop"]
        let signed = ["content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"]
        #expect(stream.names == signed + block + signed + block + Self.end)
        let starts = stream.events.filter { $0.name == "content_block_start" }
        #expect(starts[0].data["content_block"] == JSON(#"{"type":"thinking","thinking":"","signature":""}"#))
        #expect(starts[2].data["content_block"] == JSON(#"{"type":"tool_use","id":"c1","name":"f","input":{}}"#))
        let signature = stream.events.first { $0.data["delta"]?["type"]?.string == "signature_delta" }
        #expect(signature?.data["delta"]?["signature"]?.string?.isEmpty == false)
    }

    /// Clients that do not ask for thinking expect text in the first block.
    @Test(arguments: ["", #""thinking":{"type":"disabled"}"#, #""thinking":{"type":"adaptive","display":"omitted"}"#])
    func thinkingIsShownWhereItIsAskedFor(_ members: String) throws {
        #expect(
            try MessagesStream(Self.all, members).blocks == ["text:say", #"tool_use f:{"a":1}"#, "tool_use g:{}"])
        #expect(try MessagesStream(Self.all, #""thinking":{"type":"adaptive"}"#).blocks.first == "thinking:think")
    }

    @Test func interleavedPartsAreBlocksOfTheirOwn() throws {
        let chat = ChatStream([
            ChatStream.reasoning("a"), ChatStream.content("b"), ChatStream.reasoning("c"), ChatStream.content("d"),
            #"{"refusal":"e"}"#,
        ])
        #expect(
            try MessagesStream(chat, thinking).blocks
                == ["thinking:a", "text:b", "thinking:c", "text:d", "text:e"])
    }

    @Test func fragmentsOfParallelCallsMayBeMixed() throws {
        let chat = ChatStream(
            [
                ChatStream.call(0, id: "c1", "f"), ChatStream.call(1, id: "c2", "g"),
                ChatStream.fragment(0, #"{\"a\":"#), ChatStream.fragment(1, #"{\"b\""#), ChatStream.fragment(0, "1}"),
                ChatStream.fragment(1, ":2}"), ChatStream.call(2, id: "c3", "h"),
            ], finish: "tool_calls")
        #expect(
            try MessagesStream(chat).blocks == [#"tool_use f:{"a":1}"#, #"tool_use g:{"b":2}"#, "tool_use h:"])
    }

    @Test(
        arguments: [
            ("stop", "", "end_turn", nil), ("length", "", "max_tokens", nil), ("content_filter", "", "refusal", nil),
            ("tool_calls", "", "tool_use", nil), ("stop", #","stop_reason":"a\"b""#, "stop_sequence", "a\"b"),
            ("stop", #","stop_reason":128001"#, "end_turn", nil),
        ] as [(String, String, String, String?)])
    func theReasonOfTheEndIsTheStopReason(
        _ finish: String, _ more: String, _ reason: String, _ sequence: String?
    ) throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        chat.chunk("{}", finish: finish, more: more)
        chat.event("[DONE]")
        let stream = try MessagesStream(chat)
        #expect(stream.stopReason == reason)
        #expect(stream.delta?["delta"]?["stop_sequence"]?.string == sequence)
        #expect(stream.names.suffix(2) == Self.end)
    }

    @Test func anEmptyAnswerHasNoBlocks() throws {
        #expect(try MessagesStream(ChatStream([])).names == Self.end)
        #expect(try MessagesStream(ChatStream([], usage: nil)).delta?["usage"]?["output_tokens"]?.integer == 0)
    }

    @Test func charactersThatChunksCutAreJoined() throws {
        let chat = ChatStream([
            ChatStream.content(#"a\ud83d"#), ChatStream.content(#"\ude00b"#), ChatStream.content(#"\ud83d"#),
        ])
        #expect(try MessagesStream(chat).blocks == ["text:a\u{1F600}b\u{FFFD}"])
    }

    // MARK: Failures

    @Test(arguments: [
        (#"{"error":{"message":"m","type":"server_error"}}"#, "api_error", "m"),
        (#"{"error":{"message":"m","type":"rate_limit_error"}}"#, "rate_limit_error", "m"),
        (#"{"error":{"message":"m","type":"service_unavailable_error"}}"#, "overloaded_error", "m"),
        (#"{"error":{"message":"m","code":429}}"#, "rate_limit_error", "m"),
        (#"{"error":{"message":"m","code":400}}"#, "invalid_request_error", "m"),
        (
            #"{"error":{"message":"m","code":"context_length_exceeded"}}"#, "invalid_request_error",
            "prompt is too long: m"
        ),
    ])
    func anErrorInTheStreamIsAnEvent(_ error: String, _ type: String, _ message: String) throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        chat.event(error)
        chat.event("[DONE]")
        let stream = try MessagesStream(chat)
        #expect(stream.names == ["content_block_start", "content_block_delta", "error"])
        let data = stream.events.last?.data
        #expect(data?["error"]?["type"]?.string == type)
        #expect(data?["error"]?["message"]?.string == message)
        #expect(data?["request_id"]?.string == "0a1b")
    }

    @Test func aStreamThatBreaksOffNeverStops() throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        #expect(try MessagesStream(chat).names.last == "error")
        chat.chunk("{}", finish: "stop")
        #expect(try MessagesStream(chat).names.last == "message_stop")
        #expect(try MessagesStream(ChatStream()).names == ["error"])
    }

    @Test func theGatewayMayFailOrStopTheStream() throws {
        var chat = ChatStream()
        chat.chunk(ChatStream.content("a"))
        let bytes = Array(chat.text.utf8)
        var output: [UInt8] = []
        let failed = try translated().response
        failed.receive(bytes.span, at: testTime, to: &output)
        failed.fail(UpstreamError(.upstreamTimeout), at: testTime, to: &output)
        failed.finish(at: testTime, to: &output)
        #expect(try MessagesStream(output).names.last == "error")
        #expect(failed.end == .failed)

        output = []
        let stopped = try translated().response
        stopped.receive(bytes.span, at: testTime, to: &output)
        stopped.stop(at: testTime, to: &output)
        stopped.fail(UpstreamError(.upstreamTimeout), at: testTime, to: &output)
        let stream = try MessagesStream(output)
        #expect(stream.stopReason == "max_tokens")
        #expect(stream.names == ["content_block_start", "content_block_delta", "content_block_stop"] + Self.end)
        #expect(stopped.end == .complete)
    }

    @Test func anySplitHasTheSameEvents() throws {
        let bytes = Array(Self.all.text.utf8)
        let whole = translatedStream([bytes], by: try translated(thinking).response)
        for pieces in everySplit(bytes) {
            #expect(translatedStream(pieces, by: try translated(thinking).response) == whole)
        }
    }
}
