import ChatFixtures
import Testing

/// Items of the input, row by row: what a client sends, and what the chat has.
@Suite struct ResponsesInputTests {
    private static let call = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1.50}"}"#
    private static let chatCall =
        #"{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1.50}"}}"#

    @Test(arguments: [
        (#""hi""#, #"[{"role":"user","content":"hi"}]"#),
        ("[]", "[]"),
        (#"[{"role":"user","content":"hi"}]"#, #"[{"role":"user","content":"hi"}]"#),
        (#"[{"type":"message","role":"user","content":[]}]"#, #"[{"role":"user","content":""}]"#),
        (
            #"[{"type":"message","role":"user","content":[{"type":"input_text","text":"a\"\u00e9"},{"type":"input_text","text":"b"}]}]"#,
            #"[{"role":"user","content":"a\"é\nb"}]"#
        ),
        // Images.
        (
            #"[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"}]}]"#,
            #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]}]"#
        ),
        (
            #"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]"#,
            #"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]"#
        ),
        // Files of text: "é" and a line end in base64.
        (
            #"[{"role":"user","content":[{"type":"input_file","filename":"f","file_data":"data:text/plain;charset=utf-8;base64,w6kK"}]}]"#,
            #"[{"role":"user","content":"é\n"}]"#
        ),
        // System messages: joined at the beginning, elsewhere in their place.
        (
            #"[{"role":"developer","content":"a"},{"role":"system","content":"b"},{"role":"user","content":"u"},{"role":"developer","content":"c"},{"role":"developer","content":"d"}]"#,
            #"[{"role":"system","content":"a\nb"},{"role":"user","content":"u"},{"role":"system","content":"c"},{"role":"system","content":"d"}]"#
        ),
        // Text, reasoning and calls of the model are one message.
        (
            #"[{"role":"user","content":"u"},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"r"}],"encrypted_content":"x"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[]}]},\#(call)]"#,
            #"[{"role":"user","content":"u"},{"role":"assistant","content":"t","reasoning_content":"r","tool_calls":[\#(chatCall)]}]"#
        ),
        (
            #"[{"type":"reasoning","summary":[{"type":"summary_text","text":"s"}]},\#(call)]"#,
            #"[{"role":"assistant","content":null,"reasoning_content":"s","tool_calls":[\#(chatCall)]}]"#
        ),
        (#"[{"type":"reasoning","summary":[]},{"role":"user","content":"u"}]"#, #"[{"role":"user","content":"u"}]"#),
        (
            #"[{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}]"#,
            #"[{"role":"assistant","content":"no"}]"#
        ),
        // Calls and their outputs.
        (
            #"[\#(call),{"type":"function_call_output","call_id":"c1","output":"out"},{"role":"user","content":"u"}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[\#(chatCall)]},{"role":"tool","content":"out","tool_call_id":"c1"},{"role":"user","content":"u"}]"#
        ),
        // What the model says between two outputs, even nothing, keeps them in their order.
        (
            #"[\#(call),{"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},{"type":"function_call_output","call_id":"c2","output":"b"},{"type":"reasoning","summary":[]},{"type":"function_call_output","call_id":"c1","output":"a"}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[\#(chatCall),{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","content":"b","tool_call_id":"c2"},{"role":"tool","content":"a","tool_call_id":"c1"}]"#
        ),
        (
            #"[{"type":"function_call","call_id":"c1","name":"f","arguments":""}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}]"#
        ),
        (
            #"[{"type":"function_call","call_id":"c1","name":"f","namespace":"mcp","arguments":"{}"}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"mcp__f","arguments":"{}"}}]}]"#
        ),
        (
            #"[{"type":"custom_tool_call","call_id":"c1","name":"f","input":"a\n\"b\""},{"type":"custom_tool_call_output","call_id":"c1","output":"o"}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"input\":\"a\\n\\\"b\\\"\"}"}}]},{"role":"tool","content":"o","tool_call_id":"c1"}]"#
        ),
        // Items of tools that were left out.
        (#"[{"type":"web_search_call","id":"ws"},{"role":"user","content":"u"}]"#, #"[{"role":"user","content":"u"}]"#),
    ])
    func itemsBecomeMessages(_ input: String, _ expected: String) throws {
        #expect(try messages(input) == JSON(expected))
    }

    @Test func outputsOfParallelCallsHaveTheOrderOfTheCalls() throws {
        let input = #"""
            [{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"function_call","call_id":"b","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"x","output":"unknown"},
            {"type":"function_call_output","call_id":"b","output":"of b"},{"type":"function_call_output","call_id":"a","output":"of a"}]
            """#
        let messages = try messages(input)
        #expect(messages?.elements.dropFirst().map { $0["content"]?.string } == ["of a", "of b", "unknown"])
        #expect(messages?[0]?["tool_calls"]?.elements.map { $0["id"]?.string } == ["a", "b"])
    }

    @Test func imagesOfToolsGoToTheUsersMessage() throws {
        let output = #"""
            {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"t"},{"type":"input_image","image_url":"u"}]}
            """#
        let image = #"{"type":"image_url","image_url":{"url":"u"}}"#
        let before =
            #"{"role":"assistant","content":null,"tool_calls":[\#(Self.chatCall)]},{"role":"tool","content":"t","tool_call_id":"c1"}"#
        #expect(
            try messages(#"[\#(Self.call),\#(output)]"#)
                == JSON(#"[\#(before),{"role":"user","content":[\#(image)]}]"#))
        #expect(
            try messages(#"[\#(Self.call),\#(output),{"role":"user","content":"look"}]"#)
                == JSON(#"[\#(before),{"role":"user","content":[\#(image),{"type":"text","text":"look"}]}]"#))
    }

    @Test func instructionsAreTheLeadingSystemMessage() throws {
        #expect(
            try messages(#"[{"role":"developer","content":"b"},{"role":"user","content":"u"}]"#, #""instructions":"a""#)
                == JSON(#"[{"role":"system","content":"a\nb"},{"role":"user","content":"u"}]"#))
        #expect(try messages(#""u""#, #""instructions":null"#) == JSON(#"[{"role":"user","content":"u"}]"#))
    }

    @Test func reasoningIsLeftOutWhereTheModelDoesNotReadIt() throws {
        let input =
            #"[{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"r"}]},\#(Self.call)]"#
        #expect(
            try messages(input, forwardsReasoning: false)
                == JSON(#"[{"role":"assistant","content":null,"tool_calls":[\#(Self.chatCall)]}]"#))
    }

    @Test(arguments: [
        ("7", "input"), (#"[7]"#, "input[0]"), ("[{}]", "input[0].type"),
        (#"[{"type":"item_reference","id":"i"}]"#, "input[0]"),
        (#"[{"type":"local_shell_call"}]"#, "input[0].type"),
        (#"[{"type":"compaction","encrypted_content":"x"}]"#, "input[0].type"),
        (#"[{"role":"user","content":"a"},{"role":"pilot","content":"b"}]"#, "input[1].role"),
        (#"[{"role":"user","content":7}]"#, "input[0].content"),
        (#"[{"role":"user","content":[{"type":"input_file","file_data":"x"}]}]"#, "input[0].content[0]"),
        (
            #"[{"role":"user","content":[{"type":"input_file","file_data":"data:application/pdf;base64,AAAA"}]}]"#,
            "input[0].content[0]"
        ),
        (
            #"[{"role":"user","content":[{"type":"input_file","file_data":"data:text/plain;base64,/////w=="}]}]"#,
            "input[0].content[0]"
        ),
        (#"[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]"#, "input[0].content[0]"),
        (#"[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]"#, "input[0].content[0].file_id"),
        (#"[{"role":"user","content":[{"type":"input_image"}]}]"#, "input[0].content[0].image_url"),
        (#"[{"role":"user","content":[{"type":"input_text"}]}]"#, "input[0].content[0].text"),
        (#"[{"role":"user","content":[{"type":"input_text","text":7}]}]"#, "input[0].content[0].text"),
        (#"[{"role":"system","content":[{"type":"input_image","image_url":"u"}]}]"#, "input[0].content[0]"),
        (#"[{"type":"function_call","name":"f","arguments":"{}"}]"#, "input[0].call_id"),
        (#"[{"type":"function_call","call_id":"c","name":"f"}]"#, "input[0].arguments"),
        (#"[{"type":"custom_tool_call","call_id":"c","name":"f"}]"#, "input[0].input"),
        (#"[{"type":"function_call_output","output":"o"}]"#, "input[0].call_id"),
    ])
    func whatCannotBeTranslatedIsNamed(_ input: String, _ member: String) {
        let error = refusal("", input: input)
        #expect(error?.status == 400)
        #expect(error?.type == "invalid_request_error")
        #expect(error?.param == member)
    }

    @Test func anInputIsNeeded() throws {
        #expect(refusal("", input: "null")?.param == "input")
    }
}
