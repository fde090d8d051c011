import HTTP1

/// The parts of a request that a response depends on.
package struct SandboxRequest: Sendable {
    /// The method, as `GET`.
    package var method: String
    /// The path, with its percent-encoding.
    package var path: String
    /// The query without its `?`; nil for none.
    package var query: String?
    /// The header `authorization`.
    package var authorization: String?
    /// The header `content-type`.
    package var contentType: String?
    /// True where the header `accept-encoding` names gzip.
    package var acceptsGzip = false
    /// The header `sec-websocket-key` of a WebSocket handshake; nil without a handshake.
    package var webSocketKey: String?
    /// The first subprotocol that a WebSocket handshake offers.
    package var webSocketProtocol: String?
    /// The whole body.
    package var body: [UInt8]

    /// A request without a connection.
    ///
    /// - Parameters:
    ///   - target: the path with its query.
    ///   - headers: values by names in lower case.
    package init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        query = parts.count == 2 ? String(parts[1]) : nil
        authorization = headers["authorization"]
        contentType = headers["content-type"]
        acceptsGzip = headers["accept-encoding"]?.contains("gzip") ?? false
        if headers["upgrade"]?.lowercased() == "websocket" { webSocketKey = headers["sec-websocket-key"] }
        webSocketProtocol = Self.first(headers["sec-websocket-protocol"])
        self.body = body
    }

    /// A request of a connection.
    init(_ head: RequestHead, body: [UInt8]) {
        let fields = head.fields
        method = fields.string(head.method)
        path = fields.string(head.path)
        query = head.query.map(fields.string)
        authorization = fields.first("authorization").map(fields.string)
        contentType = fields.first("content-type").map(fields.string)
        acceptsGzip = fields.hasToken("gzip", in: "accept-encoding")
        if fields.hasToken("websocket", in: "upgrade"), fields.hasToken("upgrade", in: "connection") {
            webSocketKey = fields.first("sec-websocket-key").map(fields.string)
        }
        webSocketProtocol = Self.first(fields.first("sec-websocket-protocol").map(fields.string))
        self.body = body
    }

    /// The first member of a comma-separated list.
    private static func first(_ list: String?) -> String? {
        list?.split(separator: ",").first.map { String($0.trimmingPrefix(" ")) }
    }
}
