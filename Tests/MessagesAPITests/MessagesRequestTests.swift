import ChatFixtures
import MessagesAPI
import OpenAIAPI
import Testing

/// Messages and members of a request, row by row.
@Suite struct MessagesRequestTests {
    private static let use = #"{"type":"tool_use","id":"t1","name":"f","input":{"a": 1.50, "b":"\"x\""}}"#
    private static let chatCall =
        #"{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.50, \"b\":\"\\\"x\\\"\"}"}}"#

    @Test(arguments: [
        (#"[{"role":"user","content":"hi"}]"#, #"[{"role":"user","content":"hi"}]"#),
        (#"[{"role":"user","content":[]}]"#, #"[{"role":"user","content":""}]"#),
        (
            #"[{"role":"user","content":[{"type":"text","text":"a\u00e9","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}]}]"#,
            #"[{"role":"user","content":"aé\nb"}]"#
        ),
        (
            #"[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"http://i"}}]}]"#,
            #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"http://i"}}]}]"#
        ),
        // Documents of text.
        (
            #"[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t"},{"type":"document","source":{"type":"content","content":[{"type":"text","text":"e"}]}},{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"f"}]}]}]"#,
            #"[{"role":"user","content":"d\ne\nf"}]"#
        ),
        // The model's text, thinking and calls.
        (
            #"[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"thinking","thinking":"r","signature":"s"},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"t"},\#(use)]}]"#,
            #"[{"role":"user","content":"u"},{"role":"assistant","content":"t","reasoning_content":"r","tool_calls":[\#(chatCall)]}]"#
        ),
        (#"[{"role":"assistant","content":"t"}]"#, #"[{"role":"assistant","content":"t"}]"#),
        (
            #"[{"role":"assistant","content":[{"type":"thinking","thinking":"r"}]},{"role":"user","content":"u"}]"#,
            #"[{"role":"user","content":"u"}]"#
        ),
        (
            #"[{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"t"}]}]"#,
            #"[{"role":"assistant","content":"t"}]"#
        ),
        (
            #"[{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f"}]}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]}]"#
        ),
        // Results: in the order of the calls, before the user's text.
        (
            #"[{"role":"assistant","content":[\#(use),{"type":"tool_use","id":"t2","name":"g","input":{}}]},{"role":"user","content":[{"type":"text","text":"u"},{"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"of"},{"type":"text","text":"g"}]},{"type":"tool_result","tool_use_id":"t1","content":"of f","is_error":true}]}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[\#(chatCall),{"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","content":"of f","tool_call_id":"t1"},{"role":"tool","content":"of\ng","tool_call_id":"t2"},{"role":"user","content":"u"}]"#
        ),
        (
            #"[{"role":"assistant","content":[\#(use)]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1"}]}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[\#(chatCall)]},{"role":"tool","content":"","tool_call_id":"t1"}]"#
        ),
        (
            #"[{"role":"assistant","content":[\#(use)]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"image","source":{"type":"url","url":"i"}},{"type":"tool_reference","tool_name":"x"}]}]}]"#,
            #"[{"role":"assistant","content":null,"tool_calls":[\#(chatCall)]},{"role":"tool","content":"","tool_call_id":"t1"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"i"}}]}]"#
        ),
        // A system message in mid-conversation keeps its place.
        (
            #"[{"role":"user","content":"u"},{"role":"system","content":"s"},{"role":"assistant","content":"a"},{"role":"system","content":[{"type":"text","text":"s"},{"type":"text","text":"t"}]}]"#,
            #"[{"role":"user","content":"u"},{"role":"system","content":"s"},{"role":"assistant","content":"a"},{"role":"system","content":"s\nt"}]"#
        ),
    ])
    func messagesBecomeMessages(_ messages: String, _ expected: String) throws {
        #expect(try chat("", messages: messages)?["messages"] == JSON(expected))
    }

    @Test(arguments: [
        (#""system":"s""#, "s"),
        (
            #""system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}]"#,
            "a\nb"
        ),
    ])
    func theSystemPromptLeads(_ members: String, _ text: String) throws {
        let messages = try chat(members)?["messages"]
        #expect(messages?.elements.map { $0["role"]?.string } == ["system", "user"])
        #expect(messages?[0]?["content"]?.string == text)
        #expect(try chat(#""system":[]"#)?["messages"]?.elements.count == 1)
    }

    @Test func thinkingIsLeftOutWhereTheModelDoesNotReadIt() throws {
        let messages =
            #"[{"role":"assistant","content":[{"type":"thinking","thinking":"r"},{"type":"text","text":"t"}]}]"#
        #expect(
            try chat("", messages: messages, forwardsReasoning: false)?["messages"]
                == JSON(#"[{"role":"assistant","content":"t"}]"#))
    }

    private static let tool = #"{"name":"f","description":"d","input_schema":{"x":1.0e2}}"#
    private static let function =
        #"{"type":"function","function":{"name":"f","description":"d","parameters":{"x":1.0e2}}}"#

    /// The members beside `model` and `messages`.
    @Test(arguments: [
        ("", "{}"),
        (#""max_tokens":1024,"temperature":0.70,"top_p":0.9"#, #"{"max_tokens":1024,"temperature":0.70,"top_p":0.9}"#),
        (#""stop_sequences":["a","b"]"#, #"{"stop":["a","b"]}"#), (#""stop_sequences":[]"#, "{}"),
        (#""metadata":{"user_id":"u"}"#, #"{"user":"u"}"#),
        (#""stream":true"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
        (#""output_config":{"effort":"medium"}"#, #"{"reasoning_effort":"medium"}"#),
        (#""output_config":{"effort":"max"}"#, #"{"reasoning_effort":"high"}"#),
        (#""output_config":{"effort":"xhigh"}"#, #"{"reasoning_effort":"high"}"#),
        (
            #""output_config":{"format":{"type":"json_schema","schema":{"a":[1]}}}"#,
            #"{"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"a":[1]}}}}"#
        ),
        // Without a counterpart: accepted.
        (
            #""thinking":{"type":"adaptive"},"top_k":5,"service_tier":"auto","context_management":{"edits":[]},"mcp_servers":[],"container":null,"thread":null"#,
            "{}"
        ),
        // Tools.
        (#""tools":[],"tool_choice":{"type":"auto"}"#, "{}"),
        (#""tools":[\#(tool)]"#, #"{"tools":[\#(function)]}"#),
        (
            #""tools":[{"type":"custom","name":"f","description":"d","input_schema":{"x":1.0e2},"defer_loading":true,"cache_control":{}}]"#,
            #"{"tools":[\#(function)]}"#
        ),
        (
            #""tools":[\#(tool)],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#,
            #"{"tools":[\#(function)],"tool_choice":"auto","parallel_tool_calls":false}"#
        ),
        (#""tools":[\#(tool)],"tool_choice":{"type":"any"}"#, #"{"tools":[\#(function)],"tool_choice":"required"}"#),
        (#""tools":[\#(tool)],"tool_choice":{"type":"none"}"#, #"{"tools":[\#(function)],"tool_choice":"none"}"#),
        (
            #""tools":[\#(tool)],"tool_choice":{"type":"tool","name":"f"}"#,
            #"{"tools":[\#(function)],"tool_choice":{"type":"function","function":{"name":"f"}}}"#
        ),
        (#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#, "{}"),
    ])
    func membersHaveCounterparts(_ members: String, _ expected: String) throws {
        let request = try #require(try chat(members))
        let expected = try #require(JSON(expected))
        #expect(request["model"]?.string == "m")
        #expect(request.names.filter { $0 != "model" && $0 != "messages" } == expected.names)
        for name in expected.names { #expect(request[name] == expected[name]) }
    }

    @Test func serverToolsThatAgentsOfferAreLeftOutAndNamed() throws {
        let request = try translated(
            #""tools":[{"type":"web_search_20250305","name":"web_search"},{"type":"tool_search_tool_regex_20251119","name":"s"},{"name":"f","input_schema":{}}]"#
        )
        #expect(request.dropped == ["tools.web_search_20250305", "tools.tool_search_tool_regex_20251119"])
    }

    @Test(arguments: [
        (#""tools":[{"type":"bash_20250124","name":"bash"}]"#, "tools[0].type"),
        (#""tools":[{"type":"web_search_é,","name":"w"}]"#, "tools[0].type"),
        (#""tools":[{"name":"f"},{"name":"f"}]"#, "tools[1].name"), (#""tools":[{}]"#, "tools[0].name"),
        (#""tools":[{"type":"web_search_20250305","name":"w"}],"tool_choice":{"type":"any"}"#, "tool_choice"),
        (
            #""tools":[{"type":"web_search_20250305","name":"w"}],"tool_choice":{"type":"tool","name":"w"}"#,
            "tool_choice.name"
        ),
        (#""tool_choice":{"type":"tool"}"#, "tool_choice.name"),
        (#""tool_choice":{"type":"some"}"#, "tool_choice.type"),
        (#""tool_choice":"auto""#, "tool_choice.type"), (#""mcp_servers":[{}]"#, "mcp_servers"),
        (#""mcp_servers":{}"#, "mcp_servers"),
        (#""container":"c""#, "container"), (#""system":7"#, "system"), (#""thread":{"type":"create"}"#, "thread"),
        (#""thread":{"type":"continue","previous_message_id":"msg_1"}"#, "thread"),
        (#""system":[{"type":"image"}]"#, "system[0].text"),
        (#""stream":1"#, "stream"), (#""stop_sequences":"a""#, "stop_sequences"),
        (#""output_config":{"format":{"type":"xml"}}"#, "output_config.format"),
    ])
    func membersThatCannotBeTranslatedAreNamed(_ members: String, _ member: String) {
        let error = refusal(members)
        #expect(error?.status == 400)
        #expect(error?.param == member)
    }

    @Test(arguments: [
        ("null", "messages"), ("7", "messages"), ("[7]", "messages[0].role"),
        (#"[{"role":"user"}]"#, "messages[0].content"),
        (#"[{"role":"user","content":7}]"#, "messages[0].content"),
        (#"[{"role":"pilot","content":"a"}]"#, "messages[0].role"),
        (#"[{"role":"user","content":[7]}]"#, "messages[0].content[0].type"),
        (#"[{"role":"user","content":[{"type":"text"}]}]"#, "messages[0].content[0].text"),
        (#"[{"role":"user","content":[{"type":"audio"}]}]"#, "messages[0].content[0]"),
        (
            #"[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"A"}}]}]"#,
            "messages[0].content[0]"
        ),
        (#"[{"role":"user","content":[{"type":"document"}]}]"#, "messages[0].content[0].source"),
        (
            #"[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]"#,
            "messages[0].content[0].source"
        ),
        (#"[{"role":"user","content":[{"type":"tool_result","content":"a"}]}]"#, "messages[0].content[0].tool_use_id"),
        (
            #"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":7}]}]"#,
            "messages[0].content[0].content"
        ),
        (#"[{"role":"assistant","content":[{"type":"image"}]}]"#, "messages[0].content[0]"),
        (
            #"[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":[]}]}]"#,
            "messages[0].content[0].input"
        ),
        (#"[{"role":"assistant","content":[{"type":"tool_use","name":"f","input":{}}]}]"#, "messages[0].content[0].id"),
        (#"[{"role":"system","content":[{"type":"image"}]}]"#, "messages[0].content[0].text"),
    ])
    func messagesThatCannotBeTranslatedAreNamed(_ messages: String, _ member: String) {
        let error = refusal("", messages: messages)
        #expect(error?.status == 400)
        #expect(error?.type == "invalid_request_error")
        #expect(error?.param == member)
    }

    @Test func aLargeImageStaysInTheOriginal() throws {
        let data = String(repeating: "A", count: 100_000)
        let body = Array(
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(data)"}}]}]}"#
                .utf8)
        let translated = try MessagesRequest.translated(body, testContext())
        #expect(translated.pieces.generated.count < 512)
        #expect(translated.pieces.count > data.utf8.count)
    }

    @Test func aCountIsStatedAsTheAPIStatesIt() {
        #expect(JSON(MessagesRequest.countBody(12)) == JSON(#"{"input_tokens":12}"#))
    }
}
