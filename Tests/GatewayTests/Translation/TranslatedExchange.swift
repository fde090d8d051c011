import ChatFixtures
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

extension Dialect {
    var path: String {
        switch self {
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        }
    }

    /// A request with `members` besides what every one needs, each with a comma behind it.
    func request(_ members: String = "", stream: Bool = false, model: String = "gpt-oss:120b") -> String {
        let members = #"{"model":"\#(model)",\#(members)"stream":\#(stream),"#
        return switch self {
        case .responses: members + #""input":"hi"}"#
        case .messages: members + #""max_tokens":100,"messages":[{"role":"user","content":"hi"}]}"#
        }
    }

    /// The API's name of the end of an event stream that is whole.
    var lastEvents: Set<String> {
        switch self {
        case .responses: ["response.completed", "response.incomplete"]
        case .messages: ["message_stop"]
        }
    }
}

/// A response of the upstream, and of the gateway, over sockets.
struct TranslatedExchange {
    let fixture: GatewayFixture
    let upstream: ScriptedServer
    /// The head of the gateway's response, and its body without chunks.
    let head: String
    let body: String
    /// The response does not end as its framing announces.
    let isBroken: Bool

    /// Sends `request` through a gateway in front of an upstream that gives `answer`, then closes.
    init(
        _ dialect: Dialect, _ request: String, _ answer: String, path: String? = nil, fields: String = "",
        policies: Policies = Policies(), _ adjust: (inout GatewayOptions) -> Void = { _ in }
    ) throws {
        upstream = try ScriptedServer([[.readRequest, .send(answer), .close]])
        fixture = try GatewayFixture(upstream: upstream.address, policies: policies, adjust)
        let client = try fixture.caller(
            sending: fixture.request(path ?? dialect.path, body: request, fields: fields))
        (head, body, isBroken) = plain(client.receiveRest())
    }

    /// The request as the upstream got it: its first line and its body.
    var sent: (line: Substring, body: JSON?) {
        let text = upstream.requests.withLock { $0.first } ?? ""
        return (text.prefix { $0 != "\r\n" }, JSON(GatewayTests.body(of: text)))
    }

    var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var events: [ServerEvent] { ServerEvent.all(in: Array(body.utf8)) ?? [] }
    var document: JSON? { JSON(body) }
}

/// The head and the body of a response without its chunks, and true where it is broken off.
func plain(_ answer: (text: String, isBroken: Bool)) -> (head: String, body: String, isBroken: Bool) {
    guard let end = answer.text.firstRange(of: "\r\n\r\n") else { return (answer.text, "", true) }
    let head = String(answer.text[..<end.lowerBound])
    var rest = Array(answer.text[end.upperBound...].utf8)[...]
    guard head.contains("transfer-encoding: chunked") else {
        return (head, String(decoding: rest, as: UTF8.self), answer.isBroken)
    }
    var body: [UInt8] = []
    while let line = rest.firstIndex(of: 10),
        let size = Int(String(decoding: rest[..<(line - 1)], as: UTF8.self), radix: 16)
    {
        guard size > 0 else { return (head, String(decoding: body, as: UTF8.self), answer.isBroken) }
        let chunk = rest[(line + 1)...].prefix(size)
        body += chunk
        rest = rest[(line + 1)...].dropFirst(size + 2)
    }
    return (head, String(decoding: body, as: UTF8.self), true)
}

/// A response of the upstream that is a stream of events, to the connection's end.
func eventStream(_ text: String, fields: String = "") -> String {
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\(fields)connection: close\r\n\r\n\(text)"
}
