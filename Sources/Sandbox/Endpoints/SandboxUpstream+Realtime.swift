/// `GET /v1/realtime`: a WebSocket that echoes. The vendor does not document its messages.
extension SandboxUpstream {
    func realtime(_ call: Call) throws(SandboxError) -> SandboxResponse {
        guard let key = call.request.webSocketKey else {
            throw SandboxError(
                status: 426, type: "invalid_request_error", message: "This path needs a WebSocket handshake.",
                upgrade: "websocket")
        }
        var response = deliver([], id: id("rt-", call.number), to: call)
        response.status = 101
        response.headers.removeAll { $0.name.description == "content-type" }
        response.headers += [
            ("connection", "upgrade"), ("upgrade", "websocket"),
            ("sec-websocket-accept", WebSocketEcho.accept(key: key)),
        ]
        response.body = .webSocket
        return response
    }
}
