/// `GET /v1/realtime`: a WebSocket that says back what it is told. The form of the vendor's is not documented.
extension SandboxUpstream {
    func realtime(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        guard let key = call.request.webSocketKey else {
            throw SandboxRefusal(
                status: 426, type: "invalid_request_error", message: "This path speaks WebSocket alone.",
                upgrade: "websocket")
        }
        var answer = deliver([], id: id("rt-", call.number), to: call)
        answer.status = 101
        answer.headers.removeAll { $0.name.description == "content-type" }
        answer.headers += [
            ("connection", "upgrade"), ("upgrade", "websocket"),
            ("sec-websocket-accept", WebSocketEcho.accept(key: key)),
        ]
        answer.body = .webSocket
        return answer
    }
}
