import ChatFixtures
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// Requests of other APIs, as the upstream gets them.
@Suite(.ownThread) struct TranslatedRequestTests {
    private static let completion = last(ChatStream.document(#"{"role":"assistant","content":"hello"}"#))

    /// A row of the table in `reference/AGENTS.md`: members of a request, and those of the chat that it becomes.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let dialect: Dialect
        let members: String
        let chat: String
        var testDescription: String { "\(dialect): \(name)" }

        static func responses(_ name: String, _ members: String, _ chat: String) -> Row {
            Row(name: name, dialect: .responses, members: members, chat: chat)
        }

        static func messages(_ name: String, _ members: String, _ chat: String) -> Row {
            Row(name: name, dialect: .messages, members: members, chat: chat)
        }
    }

    private static let pixel = "data:image/png;base64,iVBORw0="
    private static let function =
        #"{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}"#

    private static let responsesRows: [Row] = [
        .responses(
            "instructions lead, others keep their place",
            #""instructions":"A","input":[{"role":"developer","content":"B"},{"role":"user","content":"hi"},{"role":"developer","content":"C"},{"role":"user","content":"ho"}]"#,
            #"{"messages":[{"role":"system","content":"A\nB"},{"role":"user","content":"hi"},{"role":"system","content":"C"},{"role":"user","content":"ho"}]}"#
        ),
        .responses(
            "items become messages, outputs in the order of the calls",
            #""input":[{"role":"user","content":"hi"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"I call"}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call","call_id":"c2","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c2","output":"2"},{"type":"function_call_output","call_id":"c1","output":"1"},{"role":"user","content":"go on"}]"#,
            #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"I call","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"1","tool_call_id":"c1"},{"role":"tool","content":"2","tool_call_id":"c2"},{"role":"user","content":"go on"}]}"#
        ),
        .responses(
            "images",
            #""input":[{"role":"user","content":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"\#(pixel)"}]}]"#,
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"\#(pixel)"}}]}]}"#
        ),
        .responses(
            "functions and namespaces",
            #""input":"hi","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}},{"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}]"#,
            #"{"tools":[\#(function),{"type":"function","function":{"name":"n__g"}}]}"#),
        .responses(
            "custom tools",
            #""input":"hi","tools":[{"type":"custom","name":"patch"}]"#,
            #"{"tools":[{"type":"function","function":{"name":"patch","parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}}}]}"#
        ),
        .responses(
            "bounds and options",
            #""input":"hi","max_output_tokens":7,"temperature":0.50,"top_p":1,"user":"ann","reasoning":{"effort":"low"},"text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"}}}"#,
            #"{"max_tokens":7,"temperature":0.50,"top_p":1,"user":"ann","reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}}}"#
        ),
        .responses(
            "choices of tools",
            #""input":"hi","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}],"tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false"#,
            #"{"tools":[\#(function)],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false}"#
        ),
        .responses(
            "reasoning",
            #""input":[{"role":"user","content":"hi"},{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAA"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]},{"role":"user","content":"so"}]"#,
            #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yes","reasoning_content":"hm"},{"role":"user","content":"so"}]}"#
        ),
    ]

    private static let messagesRows: [Row] = [
        .messages(
            "system leads, others keep their place",
            #""system":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"B"}],"messages":[{"role":"user","content":"hi"},{"role":"system","content":"C"},{"role":"user","content":"ho"}]"#,
            #"{"messages":[{"role":"system","content":"A\nB"},{"role":"user","content":"hi"},{"role":"system","content":"C"},{"role":"user","content":"ho"}]}"#
        ),
        .messages(
            "blocks become messages, results in the order of the calls",
            #""messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"I call"},{"type":"tool_use","id":"c1","name":"f","input":{}},{"type":"tool_use","id":"c2","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c2","content":"2"},{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"1"}]},{"type":"text","text":"go on"}]}]"#,
            #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"I call","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"1","tool_call_id":"c1"},{"role":"tool","content":"2","tool_call_id":"c2"},{"role":"user","content":"go on"}]}"#
        ),
        .messages(
            "images",
            #""messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0="}}]}]"#,
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"\#(pixel)"}}]}]}"#
        ),
        .messages(
            "tools",
            #""messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]"#,
            #"{"tools":[\#(function)]}"#),
        .messages(
            "bounds and options",
            #""messages":[{"role":"user","content":"hi"}],"max_tokens":7,"temperature":0.50,"top_p":1,"stop_sequences":["x"],"metadata":{"user_id":"ann"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}}"#,
            #"{"max_tokens":7,"temperature":0.50,"top_p":1,"stop":["x"],"user":"ann","reasoning_effort":"high","response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object"}}}}"#
        ),
        .messages(
            "choices of tools",
            #""messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}"#,
            #"{"tools":[\#(function)],"tool_choice":"required","parallel_tool_calls":false}"#),
        .messages(
            "thinking",
            #""messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"yes"}]},{"role":"user","content":"so"}]"#,
            #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yes","reasoning_content":"hm"},{"role":"user","content":"so"}]}"#
        ),
    ]

    @Test(arguments: responsesRows + messagesRows, [false, true])
    func everyRowReachesTheUpstreamAsAChat(row: Row, stream: Bool) throws {
        let answer = stream ? eventStream(ChatStream([ChatStream.content("hello")]).text) : Self.completion
        let body = #"{"model":"gpt-oss:120b","stream":\#(stream),\#(row.members)}"#
        let exchange = try TranslatedExchange(row.dialect, body, answer, path: row.dialect.path + "?beta=true")
        #expect(exchange.status == 200)
        #expect(exchange.sent.line == "POST /v1/chat/completions HTTP/1.1")
        let chat = try #require(exchange.sent.body)
        let expected = try #require(JSON(row.chat))
        for name in expected.names { #expect(chat[name] == expected[name], "\(name)") }
        #expect(chat["model"]?.string == "gpt-oss:120b")
        let always = ["messages", "model"] + (stream ? ["stream", "stream_options"] : [])
        #expect(Set(chat.names) == Set(expected.names + always))
    }

    /// A row that is refused, and the member that the refusal names.
    @Test(arguments: [
        (Dialect.responses, #""store":true,"#, "store"), (.responses, #""background":true,"#, "background"),
        (.responses, #""previous_response_id":"resp_1","#, "previous_response_id"),
        (.responses, #""conversation":"conv_1","#, "conversation"),
        (.responses, #""tools":[{"type":"code_interpreter"}],"#, "code_interpreter"),
        (.responses, #""tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"},"#, "web_search"),
        (.messages, #""mcp_servers":[{"type":"url"}],"#, "mcp_servers"),
        (.messages, #""tools":[{"type":"computer_20250124","name":"c"}],"#, "computer_20250124"),
        (
            .messages,
            #""system":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="}}],"#,
            "system[0]"
        ),
        (.messages, #""max_tokens":-1,"#, "max_tokens"),
        (.responses, #""max_output_tokens":"x","#, "max_output_tokens"),
    ])
    func whatHasNoCounterpartIsRefusedByName(dialect: Dialect, members: String, name: String) throws {
        let exchange = try TranslatedExchange(
            dialect, #"{"model":"m",\#(members)"messages":[{"role":"user","content":"hi"}],"input":"hi"}"#,
            Self.completion)
        #expect(exchange.status == 400)
        let error = try #require(exchange.document?["error"])
        #expect(error["type"]?.string == "invalid_request_error")
        #expect(error["message"]?.string?.contains(name) == true)
        #expect(exchange.upstream.requests.withLock { $0.isEmpty })
        let record = try exchange.fixture.usage.only()
        #expect(record.status == 400)
        #expect(record.endpoint == (dialect == .responses ? "responses" : "messages"))
        #expect(record.cost == .zero)
    }

    @Test(arguments: [
        (
            Dialect.responses, #""tools":[{"type":"web_search"},{"type":"web_search"},{"type":"tool_search"}],"#,
            "tools.web_search, tools.tool_search"
        ),
        (.messages, #""tools":[{"type":"web_search_20250305","name":"web_search"}],"#, "tools.web_search_20250305"),
    ])
    func whatIsLeftOutIsSaid(dialect: Dialect, members: String, dropped: String) throws {
        for stream in [false, true] {
            let answer = stream ? eventStream(ChatStream([ChatStream.content("hello")]).text) : Self.completion
            let exchange = try TranslatedExchange(dialect, dialect.request(members, stream: stream), answer)
            #expect(exchange.head.contains("\r\nx-propylon-dropped: \(dropped)"))
        }
    }

    /// Clients choose how many tools there are, and how long their names.
    @Test func theListOfWhatIsLeftOutIsBounded() throws {
        let tools = (0..<1000).map {
            #"{"type":"web_search_\#($0)\#(String(repeating: "x", count: 1000))","name":"w"}"#
        }
        let exchange = try TranslatedExchange(
            .messages, Dialect.messages.request(#""tools":[\#(tools.joined(separator: ","))],"#), Self.completion)
        #expect(exchange.status == 200)
        #expect(exchange.head.contains("x-propylon-dropped: tools.web_search_0x"))
        #expect(exchange.head.utf8.count < 4096)
    }

    @Test(arguments: Dialect.allCases, [false, true])
    func largeAndCompressedBodiesAreTranslatedToo(dialect: Dialect, isCompressed: Bool) throws {
        let text = String(repeating: "words of a long text ", count: 20_000)
        let body = Array(dialect.request().replacing(#""hi""#, with: "\"\(text)\"").utf8)
        let sent = isCompressed ? try gzip(body) : body
        let upstream = try ScriptedServer([[.readRequest, .send(Self.completion), .close]])
        var tier = Tier(name: "bounded")
        tier[.maxOutputTokens] = 4096
        let policies = Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "bounded",
            models: ModelTable(aliases: ["gpt-oss:120b": "served"]))
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies) { $0.memoryBodyBytes = 10_000 }
        let client = try RawClient(to: fixture.address)
        client.send(
            "POST \(dialect.path) HTTP/1.1\r\nhost: g\r\nx-api-key: \(fixture.key)\r\nconnection: close\r\n"
                + (isCompressed ? "content-encoding: gzip\r\n" : "") + "content-length: \(sent.count)\r\n\r\n")
        client.send(sent)
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 200 "))
        let request = upstream.requests.withLock { $0[0] }
        let chat = try #require(JSON(GatewayTests.body(of: request)))
        #expect(chat["messages"]?[0]?["content"]?.string == text)
        #expect(chat["model"]?.string == "served")
        #expect(chat["max_tokens"]?.integer == (dialect == .responses ? 4096 : 100))
        #expect(!request.contains("content-encoding"))
        #expect(try fixture.usage.only().modelServed == "served")
    }

    @Test(arguments: Dialect.allCases) func otherBodiesAreRefused(dialect: Dialect) throws {
        for (body, code) in [
            ("[1]", "no object"), ("{", "JSON"), ("", "JSON"), (#"{"input":"x","messages":[]}"#, "model"),
            (#"{"model":"m","model":"n","input":"x","messages":[]}"#, "model"),
        ] {
            let exchange = try TranslatedExchange(dialect, body, Self.completion)
            #expect(exchange.status == 400, "\(body)")
            #expect(exchange.document?["error"]?["message"]?.string?.contains(code) == true, "\(exchange.body)")
        }
    }

    @Test(arguments: Dialect.allCases) func aBodyIsInUTF8(dialect: Dialect) throws {
        let upstream = try upstream([Self.completion])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let body = dialect.request()
        for (charset, status) in [("latin1", 400), ("utf-8", 200)] {
            let answer = try fixture.answer(
                to:
                    "POST \(dialect.path) HTTP/1.1\r\nhost: g\r\nauthorization: Bearer \(fixture.key)\r\nconnection: close\r\n"
                    + "content-type: application/json; charset=\(charset)\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(try #require(answer).hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test(arguments: Dialect.allCases) func theRowIsThatOfTheClientsEndpoint(dialect: Dialect) throws {
        let members = dialect == .responses ? #""user":"ann","# : #""metadata":{"user_id":"ann"},"#
        let exchange = try TranslatedExchange(dialect, dialect.request(members), Self.completion)
        let record = try exchange.fixture.usage.only()
        #expect(record.endpoint == (dialect == .responses ? "responses" : "messages"))
        #expect(record.user == "ann")
        #expect(record.units.inputTokens == 10)
        #expect(record.units.outputTokens == 7)
        #expect(record.units.reasoningTokens == 3)
        #expect(record.units.cachedTokens == 4)
        #expect(record.exactness == .exact)
        #expect(record.ending == .complete)
        #expect(record.upstreamID == "chatcmpl-1")
        #expect(record.requestBytes == Int64(dialect.request(members).utf8.count))
        // The journal had the bill of the input before anything was sent.
        #expect(try #require(exchange.fixture.usage.begun.takeSoon()).units.inputTokens > 0)
    }

    @Test(arguments: Dialect.allCases) func anUpstreamThatHasTheAPIGetsTheRequestAsItIs(dialect: Dialect) throws {
        let body = dialect.request(#""store":true,"unknown":{"x":1},"#)
        let answer = #"{"id":"resp_1","usage":{"input_tokens":3,"output_tokens":4}}"#
        let exchange = try TranslatedExchange(dialect, body, last(answer), path: dialect.path + "?beta=true") {
            $0.nativeAPIs = [dialect]
        }
        #expect(exchange.sent.line == "POST \(dialect.path)?beta=true HTTP/1.1")
        #expect(exchange.sent.body == JSON(body))
        #expect(exchange.body == answer)
        #expect(try exchange.fixture.usage.only().units.outputTokens == 4)
        // The other one is translated.
        let other: Dialect = dialect == .responses ? .messages : .responses
        let translated = try TranslatedExchange(other, other.request(), Self.completion) { $0.nativeAPIs = [dialect] }
        #expect(translated.sent.line == "POST /v1/chat/completions HTTP/1.1")
    }

    @Test(arguments: Dialect.allCases) func aTierAdmitsByTheClientsEndpoint(dialect: Dialect) throws {
        var tier = Tier(name: "narrow")
        tier.endpoints = [NamePattern("chat/completions")]
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "narrow")
        let exchange = try TranslatedExchange(dialect, dialect.request(), Self.completion, policies: policies)
        #expect(exchange.status == 403)
        #expect(exchange.upstream.requests.withLock { $0.isEmpty })
    }

    @Test(arguments: Dialect.allCases) func aLimitHoldsForTheChatThatItBecomes(dialect: Dialect) throws {
        var tier = Tier(name: "limited")
        tier[.outputTokensPerDay] = 50
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
        let members = dialect == .responses ? #""max_output_tokens":100,"# : ""
        let exchange = try TranslatedExchange(dialect, dialect.request(members), Self.completion, policies: policies)
        #expect(exchange.status == 400)
        #expect(exchange.upstream.requests.withLock { $0.isEmpty })
    }

    /// Azure's path names the model, also for this API.
    @Test func theModelOfAPathIsThatOfTheChat() throws {
        let exchange = try TranslatedExchange(
            .responses, #"{"input":"hi"}"#, Self.completion, path: "/openai/deployments/gpt-4o/responses")
        #expect(exchange.status == 200)
        #expect(exchange.sent.line == "POST /v1/chat/completions HTTP/1.1")
        #expect(exchange.sent.body?["model"]?.string == "gpt-4o")
    }
}
