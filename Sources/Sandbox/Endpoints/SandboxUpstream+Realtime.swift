/// `GET /v1/realtime`: a WebSocket that echoes. The vendor does not document its messages.
extension SandboxUpstream {
    func realtime(_ call: Call) throws(SandboxError) -> SandboxResponse {
        guard let key = call.request.webSocketKey else {
            throw SandboxError(
                status: 426, type: "invalid_request_error", message: "This path needs a WebSocket handshake.",
                upgrade: "websocket")
        }
        let behaviour = try Behaviour(modelName: call.query["model"] ?? "") ?? .standard
        if let error = behaviour.error(streams: false) { throw error }
        var response = deliver([], id: id("rt-", call.number), to: call)
        response.beforeHead = Self.beforeHead(behaviour)
        switchProtocols(&response, behaviour)
        response.headers.append(
            (
                "sec-websocket-accept",
                WebSocketEcho.accept(key: behaviour.fault == .wrongAccept ? String(key.reversed()) : key)
            ))
        if let subprotocol = call.request.webSocketProtocol {
            response.headers.append(("sec-websocket-protocol", subprotocol))
        }
        return response
    }
}
