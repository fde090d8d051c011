import HTTP1
import HTTPServer
import OpenAIAPI
import Policy

extension GatewaySnapshot {
    /// The response of an error of the gateway's own: the one place where its head is made.
    ///
    /// - Parameters:
    ///   - fields: further fields: the state of the client's limits, and those for browsers.
    ///   - body: the error in the shape of the client's API.
    func response(
        to error: APIError, id: RequestID, fields: [(name: StaticString, value: String)], body: [UInt8]
    ) -> ServerResponse {
        response(status: error.status, id: id, fields: error.headerFields + fields, body: body)
    }

    /// A response of the gateway's own, with a JSON `body`.
    func response(
        status: Int, id: RequestID, fields: [(name: StaticString, value: String)], body: [UInt8]
    ) -> ServerResponse {
        let type: [(name: StaticString, value: String)] = [("content-type", "application/json")]
        return ServerResponse(status: status, fields: type + identity(id) + fields, body: body)
    }

    /// The answer to a browser's question before a request of an app; nil for every other request.
    func preflight(_ head: RequestHead, id: @autoclosure () -> RequestID) -> ServerResponse? {
        crossOrigin.preflight(head).map { ServerResponse(status: 204, fields: identity(id()) + $0, body: []) }
    }

    /// The answer to `HEAD /`, by which Claude Code sees that there is a server before it sends a key; nil for every other request.
    func greeting(_ head: RequestHead, id: @autoclosure () -> RequestID) -> ServerResponse? {
        let fields = head.fields
        guard fields.equals(head.path, "/"), fields.equals(head.method, "head") else { return nil }
        return ServerResponse(status: 200, fields: identity(id()), body: [])
    }

    /// The fields that name a response of the gateway's own.
    private func identity(_ id: RequestID) -> [(name: StaticString, value: String)] {
        let text = id.description
        return [("id", text), ("backend", backend), ("x-request-id", text)]
    }
}
