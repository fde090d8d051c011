import Foundation
import HTTP1
import HTTPClient
import Transport

/// One HTTP request of the program itself, to an admin listener or a webhook. Requests of clients do not use it.
struct HTTPCall {
    var method: StaticString = "GET"
    var host: String
    var port: UInt16
    var isSecure = false
    /// Path and query.
    var target: String
    /// Further fields, after `host`. Their names are tokens.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// The proxy to go through.
    var proxy: Proxy?
    var limits = ClientLimits()
    /// Asks the server to keep the connection for a further call.
    var keepsConnection = false

    /// A call of `url`. Returns nil for anything but an http or https URL.
    init?(_ method: StaticString, _ url: String) {
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty,
            let scheme = components.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let port = UInt16(exactly: components.port ?? (scheme == "https" ? 443 : 80))
        else { return nil }
        self.method = method
        // An IPv6 address stands in brackets there (RFC 3986, section 3.2.2).
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        isSecure = scheme == "https"
        let path = components.percentEncodedPath.isEmpty ? "/" : components.percentEncodedPath
        target = path + (components.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    /// A GET of `target` without TLS.
    init(host: String, port: UInt16, target: String) {
        self.host = host
        self.port = port
        self.target = target
    }

    /// The name of this program, for `fields`.
    static let userAgent = (name: "user-agent", value: "propylon/\(Version.text)")

    /// The server.
    var origin: Origin { Origin(host: host, port: port, isSecure: isSecure) }

    /// The request line and the fields.
    var head: [UInt8] {
        var writer = HeadWriter()
        writer.request(method: method, target: target.utf8.span)
        writer.field("host", origin.hostField)
        for (name, value) in fields { writer.field(configured: name, value) }
        if !body.isEmpty { writer.field("content-length", body.count) }
        if !keepsConnection { writer.field("connection", "close" as StaticString) }
        writer.end()
        return writer.bytes
    }

    /// The request to be sent.
    var request: ClientRequest {
        ClientRequest(head: head, body: body.isEmpty ? .none : .bytes(body), isIdempotent: body.isEmpty)
    }

    /// The server, and the way to it.
    ///
    /// - Parameter tls: verifies the server of an https URL, and is needed then.
    func target(_ tls: TLSContext?) -> ClientTarget { ClientTarget(origin, context: tls, proxy: proxy) }

    /// Sends the request on `loop` and reads the response, of at most `limit` bytes.
    func send(on loop: EventLoop, tls: TLSContext? = nil, limit: Int = 16 << 20) async throws(ClientError) -> (
        status: Int, body: [UInt8]
    ) {
        try await exchange(on: loop, tls) { response throws(ClientError) in
            (response.head.status, try await response.wholeBody(limit: limit))
        }
    }

    /// Sends the request on `loop`, and reads the head of the response alone.
    func responseHead(on loop: EventLoop, tls: TLSContext?) async throws(ClientError) -> ResponseHead {
        try await exchange(on: loop, tls) { $0.head }
    }

    private func exchange<Value: Sendable>(
        on loop: EventLoop, _ tls: TLSContext?,
        _ read: @escaping @Sendable (ClientExchange) async throws(ClientError) -> Value
    ) async throws(ClientError) -> Value {
        let (target, request, limits) = (target(tls), request, limits)
        let result = await Task(executorPreference: loop) { () -> Result<Value, ClientError> in
            let client = HTTPClient(target, limits: limits, shared: SharedClientState(connections: 1), on: loop)
            defer { client.close() }
            do throws(ClientError) {
                let response = try await client.send(request)
                defer { response.end() }
                return .success(try await read(response))
            } catch { return .failure(error) }
        }.value
        return try result.get()
    }
}
