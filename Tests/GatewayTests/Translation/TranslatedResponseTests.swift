import ChatFixtures
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// Responses of the upstream, as clients of other APIs get them.
@Suite(.ownThread) struct TranslatedResponseTests {
    /// An output of the model, and what each API calls its end.
    struct Output: Sendable, CustomTestStringConvertible {
        let name: String
        let deltas: [String]
        let message: String
        var finish = "stop"
        let responses: (items: [String], status: String, reason: String?)
        let messages: (blocks: [String], stop: String)
        var testDescription: String { name }
    }

    private static let outputs: [Output] = [
        Output(
            name: "text", deltas: [ChatStream.content("Hel"), ChatStream.content("lo \u{1F680}")],
            message: #"{"role":"assistant","content":"Hello 🚀"}"#,
            responses: (["message:Hello 🚀"], "completed", nil), messages: (["text:Hello 🚀"], "end_turn")),
        Output(
            name: "nothing", deltas: [], message: #"{"role":"assistant","content":""}"#,
            responses: ([], "completed", nil), messages: ([], "end_turn")),
        Output(
            name: "reasoning, text and parallel calls",
            deltas: [
                ChatStream.reasoning("hm"), ChatStream.content("say"), ChatStream.call(0, id: "c1", "f", #"{\"a\""#),
                ChatStream.fragment(0, ":1}"), ChatStream.call(1, id: "c2", "g"),
            ],
            message:
                #"{"role":"assistant","reasoning_content":"hm","content":"say","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}"#,
            finish: "tool_calls",
            responses: (
                ["reasoning:hm", "message:say", #"function_call:f{"a":1}"#, "function_call:g{}"], "completed", nil
            ),
            messages: (["thinking:hm", "text:say", #"tool_use:f{"a":1}"#, "tool_use:g{}"], "tool_use")),
        Output(
            name: "length", deltas: [ChatStream.content("cut")], message: #"{"role":"assistant","content":"cut"}"#,
            finish: "length", responses: (["message:cut"], "incomplete", "max_output_tokens"),
            messages: (["text:cut"], "max_tokens")),
        Output(
            name: "filter", deltas: [ChatStream.content("cut")], message: #"{"role":"assistant","content":"cut"}"#,
            finish: "content_filter", responses: (["message:cut"], "incomplete", "content_filter"),
            messages: (["text:cut"], "refusal")),
    ]

    private static let thinking = #""thinking":{"type":"enabled","budget_tokens":50},"#

    private func exchange(_ dialect: Dialect, _ output: Output, stream: Bool) throws -> TranslatedExchange {
        let request = dialect.request(dialect == .messages ? Self.thinking : "", stream: stream)
        let answer =
            stream
            ? eventStream(ChatStream(output.deltas, finish: output.finish).text)
            : last(ChatStream.document(output.message, finish: output.finish))
        let exchange = try TranslatedExchange(dialect, request, answer)
        #expect(exchange.status == 200)
        #expect(!exchange.isBroken)
        #expect(exchange.head.contains("content-type: \(stream ? "text/event-stream" : "application/json")"))
        #expect(exchange.head.contains("\r\nid: chatcmpl-1"))
        #expect(exchange.head.contains("content-length: ") != stream)
        let record = try exchange.fixture.usage.only()
        #expect(record.units.outputTokens == 7)
        #expect(record.exactness == .exact)
        #expect(record.streamed == stream)
        #expect(record.responseBytes == Int64(exchange.body.utf8.count))
        #expect(record.ending == .complete)
        return exchange
    }

    @Test(arguments: outputs, [false, true]) func everyOutputIsAResponse(output: Output, stream: Bool) throws {
        let exchange = try exchange(.responses, output, stream: stream)
        let events = exchange.events
        let response = try #require(stream ? events.last?.data["response"] : exchange.document)
        #expect(response["object"]?.string == "response")
        #expect(response["status"]?.string == output.responses.status)
        #expect(response["incomplete_details"]?["reason"]?.string == output.responses.reason)
        let items = response["output"]?.elements.map { item in
            let text = item["content"]?[0]?["text"] ?? item["summary"]?[0]?["text"]
            return
                "\(item["type"]?.string ?? ""):\(text?.string ?? "")\(item["name"]?.string ?? "")\(item["arguments"]?.string ?? "")"
        }
        #expect(items == output.responses.items)
        #expect(
            response["usage"]
                == JSON(
                    #"{"input_tokens":10,"input_tokens_details":{"cache_write_tokens":0,"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}"#
                ))
        guard stream else { return }
        #expect(events.map(\.name).prefix(2) == ["response.created", "response.in_progress"])
        #expect(events.last.map { Dialect.responses.lastEvents.contains($0.name) } == true)
        #expect(events.compactMap { $0.data["sequence_number"]?.integer } == Array(events.indices))
        #expect(events.allSatisfy { $0.name == $0.type })
        #expect(events.count { $0.name == "response.output_item.done" } == output.responses.items.count)
    }

    @Test(arguments: outputs, [false, true]) func everyOutputIsAMessage(output: Output, stream: Bool) throws {
        let exchange = try exchange(.messages, output, stream: stream)
        let message = try #require(
            stream ? Self.message(exchange.events) : Self.message(try #require(exchange.document)))
        #expect(message.blocks == output.messages.blocks)
        #expect(message.stop == output.messages.stop)
        for (name, value) in [("input_tokens", 6), ("cache_read_input_tokens", 4), ("output_tokens", 7)] {
            #expect(message.usage?[name]?.integer == value, "\(name)")
        }
        if stream {
            #expect(exchange.events.first?.name == "message_start")
            #expect(exchange.events.last?.name == "message_stop")
            #expect(exchange.events.allSatisfy { $0.name == $0.type })
        }
    }

    private static func message(_ document: JSON) -> (blocks: [String], stop: String?, usage: JSON?) {
        let blocks = document["content"]?.elements.map { block in
            let text = (block["text"] ?? block["thinking"])?.string ?? ""
            return
                "\(block["type"]?.string ?? ""):\(text)\(block["name"]?.string ?? "")\(block["input"]?.description ?? "")"
        }
        return (blocks ?? [], document["stop_reason"]?.string, document["usage"])
    }

    /// The message that the events of a stream add up to.
    private static func message(_ events: [ServerEvent]) -> (blocks: [String], stop: String?, usage: JSON?) {
        var blocks: [String] = []
        var input: String?
        for event in events {
            let block = event.data["content_block"]
            let delta = event.data["delta"]
            switch event.name {
            case "content_block_start":
                blocks.append("\(block?["type"]?.string ?? ""):\(block?["name"]?.string ?? "")")
                input = block?["input"] == nil ? nil : ""
            case "content_block_delta":
                blocks[blocks.count - 1] += (delta?["text"] ?? delta?["thinking"])?.string ?? ""
                input = input.map { $0 + (delta?["partial_json"]?.string ?? "") }
            case "content_block_stop": if let input { blocks[blocks.count - 1] += input.isEmpty ? "{}" : input }
            default: break
            }
        }
        let end = events.last { $0.name == "message_delta" }?.data
        return (blocks, end?["delta"]?["stop_reason"]?.string, end?["usage"])
    }

    /// An event leaves before the next one comes, whatever the upstream's head has of who answered.
    @Test(arguments: Dialect.allCases, ["", "id: a\r\nbackend: {}\r\n"])
    func eventsArriveWhileTheStreamGoesOn(dialect: Dialect, fields: String) throws {
        let stream = ChatStream([ChatStream.content("first"), ChatStream.content("second")]).text
        let cut = try #require(stream.firstRange(of: "first\"")).upperBound
        let end = try #require(stream[cut...].firstRange(of: "\n\n")).upperBound
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(eventStream(String(stream[..<end]), fields: fields)), .pause,
                .send(String(stream[end...])), .close,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(
            sending: fixture.request(dialect.path, body: dialect.request(stream: true)))
        #expect(client.receive(through: "first\"").contains("HTTP/1.1 200 "))
        #expect(try #require(fixture.usage.progress.takeSoon()).units.outputTokens > 0)
        upstream.proceed()
        let rest = client.receiveRest()
        #expect(rest.text.contains("second") && !rest.isBroken)
    }

    /// A head with `id`, `backend` and a length must not leave before the document is translated.
    @Test(arguments: Dialect.allCases) func aDocumentHasTheLengthOfItsTranslation(dialect: Dialect) throws {
        let document = ChatStream.document(#"{"role":"assistant","content":"hello"}"#)
        for coding in ["", "content-type: application/json; charset=utf-8\r\n"] {
            let exchange = try TranslatedExchange(
                dialect, dialect.request(), last(document, fields: "id: a\r\nbackend: {}\r\n" + coding))
            #expect(exchange.status == 200)
            #expect(exchange.head.contains("content-length: \(exchange.body.utf8.count)"))
            #expect(exchange.document?["model"]?.string == "served")
        }
    }

    @Test(arguments: Dialect.allCases, [false, true])
    func theUpstreamsKeyDoesNotComeDownInAnyPieces(dialect: Dialect, stream: Bool) throws {
        let secret = "upstream-secret"
        let answer =
            stream
            ? eventStream(ChatStream([ChatStream.content("upstream-"), ChatStream.content("secret")]).text)
            : last(ChatStream.document(#"{"role":"assistant","content":"\#(secret)"}"#))
        let exchange = try TranslatedExchange(dialect, dialect.request(stream: stream), answer)
        #expect(!exchange.body.contains(secret))
        if dialect == .responses { #expect(exchange.body.contains(String(repeating: "*", count: secret.utf8.count))) }
    }

    // MARK: Ends

    @Test(arguments: Dialect.allCases) func aStopAtALimitIsAnIncompleteResponse(dialect: Dialect) throws {
        var tier = Tier(name: "limited")
        tier[.outputTokensPerHour] = 100
        tier.outputReservation = 20
        tier.overrun = .stop
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
        var words = ChatStream()
        for _ in 0..<200 { words.chunk(ChatStream.content("word ")) }
        var first = ChatStream()
        first.chunk(ChatStream.content("first "))
        let upstream = try ScriptedServer([
            [.readRequest, .send(eventStream(first.text)), .pause, .send(words.text), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies)
        let request = dialect.request(stream: true).replacing(#""max_tokens":100,"#, with: "")
        let client = try fixture.caller(sending: fixture.request(dialect.path, body: request))
        let start = client.receive(through: "first \"")
        upstream.proceed()
        let rest = client.receiveRest()
        let (_, body, isBroken) = plain((start + rest.text, rest.isBroken))
        #expect(!isBroken)
        let events = try #require(ServerEvent.all(in: Array(body.utf8)))
        switch dialect {
        case .responses:
            #expect(events.last?.name == "response.incomplete")
            #expect(events.last?.data["response"]?["incomplete_details"]?["reason"]?.string == "max_output_tokens")
        case .messages:
            #expect(events.last?.name == "message_stop")
            #expect(events.dropLast().last?.data["delta"]?["stop_reason"]?.string == "max_tokens")
        }
        let record = try fixture.usage.only()
        #expect(record.ending == .overrun)
        #expect(record.exactness == .interrupted)
        #expect(record.status == 200)
        #expect(fixture.limiter.states(of: fixture.record, at: .now)[0].used == record.units.outputTokens)
    }

    /// The end of a stream's body, and what it must not look like.
    @Test(arguments: Dialect.allCases, ["cut", "clean", "error", "garbage"])
    func aStreamThatFailsEndsWithAFailure(dialect: Dialect, fault: String) throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }
        var start = ChatStream()
        start.chunk(#"{"role":"assistant","content":"half"}"#)
        let rest =
            switch fault {
            case "cut": "5\r\nda"
            case "clean": "0\r\n\r\n"
            case "error": chunk("data: {\"error\":{\"message\":\"engine died\",\"code\":500}}\n\n") + "0\r\n\r\n"
            default: chunk("data: {nothing}\n\n") + "0\r\n\r\n"
            }
        let exchange = try TranslatedExchange(
            dialect, dialect.request(stream: true), head + chunk(start.text) + rest)
        #expect(!exchange.isBroken)
        #expect(exchange.body.contains("half"))
        let last = try #require(exchange.events.last)
        #expect(last.name == (dialect == .responses ? "response.failed" : "error"))
        #expect(exchange.events.allSatisfy { !dialect.lastEvents.contains($0.name) })
        if fault == "error" { #expect(last.data.description.contains("engine died")) }
        let record = try exchange.fixture.usage.only()
        #expect(record.ending == .upstreamInterrupted)
        #expect(record.exactness == .interrupted)
        #expect(record.units.outputTokens > 0)
    }

    /// An upstream that goes on after its error is not read any further.
    @Test(arguments: Dialect.allCases) func aStreamIsGivenUpAtItsError(dialect: Dialect) throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(eventStream("data: {\"error\":{\"message\":\"engine died\"}}\n\n")), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(
            sending: fixture.request(dialect.path, body: dialect.request(stream: true)))
        let (head, body, isBroken) = plain(client.receiveRest())
        #expect(head.hasPrefix("HTTP/1.1 200 ") && !isBroken)
        #expect(body.contains("engine died"))
        #expect(try fixture.usage.only().ending == .upstreamInterrupted)
    }

    @Test(arguments: Dialect.allCases, [false, true])
    func whatIsNoChatCompletionIsABrokenAnswer(dialect: Dialect, stream: Bool) throws {
        let answers = [
            last(#"{"object":"list"}"#), last("<html>"), last("hello").replacing("application/json", with: "text/html"),
            eventStream(""), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            last("x", fields: "content-encoding: gzip\r\n"),
        ]
        for answer in answers {
            let exchange = try TranslatedExchange(dialect, dialect.request(stream: stream), answer)
            #expect(exchange.status == 502, "\(answer)")
            #expect(exchange.document?["error"] != nil)
            #expect(try exchange.fixture.usage.only().units.inputTokens > 0)
        }
    }

    /// Memory is bounded: what is translated as a whole is held until its end.
    @Test(arguments: Dialect.allCases) func aDocumentThatIsTooLargeIsABrokenAnswer(dialect: Dialect) throws {
        let text = String(repeating: "x", count: ResponseTranslation.sizeLimit)
        let document = ChatStream.document(#"{"role":"assistant","content":"\#(text)"}"#)
        let exchange = try TranslatedExchange(dialect, dialect.request(), last(document))
        #expect(exchange.status == 502)
        let record = try exchange.fixture.usage.only()
        #expect(record.ending == .upstreamInterrupted)
        #expect(record.units.outputTokens > 0)
    }

    // MARK: Errors

    @Test(arguments: [400, 404, 413, 422, 429, 500, 503, 529], [false, true])
    func errorsOfTheUpstreamKeepTheirStatus(status: Int, stream: Bool) throws {
        let error = #"{"error":{"message":"too much","type":"t","param":null,"code":"c"}}"#
        let types = [
            404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
            503: "overloaded_error", 529: "overloaded_error",
        ]
        for dialect in Dialect.allCases {
            let exchange = try TranslatedExchange(
                dialect, dialect.request(stream: stream),
                last(error, status: "\(status) Error", fields: "retry-after: 7\r\n"))
            #expect(exchange.status == status)
            #expect(exchange.head.contains("retry-after: 7"))
            let document = try #require(exchange.document)
            #expect(document["error"]?["message"]?.string == "too much")
            switch dialect {
            case .responses: #expect(document == JSON(error))
            case .messages:
                #expect(document["type"]?.string == "error")
                #expect(document["error"]?["type"]?.string == types[status] ?? "invalid_request_error")
                #expect(document["request_id"]?.string?.isEmpty == false)
            }
            let record = try exchange.fixture.usage.only()
            #expect(record.status == status)
            #expect(record.cost == .zero)
        }
    }

    @Test func aContextThatIsTooLongIsSaidAsAgentsReadIt() throws {
        let error = #"{"object":"error","message":"This model's maximum context length is 10 tokens.","code":400}"#
        let responses = try TranslatedExchange(
            .responses, Dialect.responses.request(), last(error, status: "400 Bad Request"))
        #expect(responses.document?["error"]?["code"]?.string == "context_length_exceeded")
        let messages = try TranslatedExchange(
            .messages, Dialect.messages.request(), last(error, status: "400 Bad Request"))
        #expect(messages.document?["error"]?["message"]?.string?.hasPrefix("prompt is too long") == true)
    }

    @Test(arguments: Dialect.allCases) func anErrorThatIsNoJSONIsStillOne(dialect: Dialect) throws {
        let page = last("<html>Bad gateway</html>", status: "502 Bad Gateway")
            .replacing("application/json", with: "text/html")
        let exchange = try TranslatedExchange(dialect, dialect.request(), page)
        #expect(exchange.status == 502)
        #expect(exchange.head.contains("content-type: application/json"))
        #expect(!exchange.head.contains("text/html"))
        #expect(exchange.document?["error"]?["message"]?.string?.contains("Bad gateway") == true)
    }

    // MARK: Clients that leave

    @Test(arguments: [OnDisconnect.cancel, .finish], Dialect.allCases)
    func aClientThatLeavesIsBilledAsAChatClient(onDisconnect: OnDisconnect, dialect: Dialect) throws {
        let stream = ChatStream([ChatStream.content("a"), ChatStream.content("b")]).text
        let cut = try #require(stream.firstRange(of: "\"a\"")).upperBound
        let end = try #require(stream[cut...].firstRange(of: "\n\n")).upperBound
        let upstream = try ScriptedServer([
            [.readRequest, .send(eventStream(String(stream[..<end]))), .pause, .send(String(stream[end...])), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.onDisconnect = onDisconnect }
        do {
            let client = try fixture.caller(
                sending: fixture.request(dialect.path, body: dialect.request(stream: true)))
            _ = client.receive(through: "\"a\"")
            client.reset()
        }
        if onDisconnect == .finish { upstream.proceed() }
        let record = try fixture.usage.only()
        #expect(record.ending == .clientGone)
        #expect(record.exactness == (onDisconnect == .finish ? .exact : .interrupted))
        if onDisconnect == .finish { #expect(record.units.outputTokens == 7) }
        upstream.proceed()
    }
}
