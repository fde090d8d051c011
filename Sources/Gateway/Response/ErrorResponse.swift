import HTTPServer
import OpenAIAPI
import Policy

extension GatewaySnapshot {
    /// The response of an error of the gateway's own: the one place where its head is made.
    ///
    /// - Parameter rates: the state of the client's limits; none for a client that is not known.
    func response(to error: APIError, id: RequestID, rates: [(name: StaticString, value: String)] = [])
        -> ServerResponse
    {
        let text = id.description
        let fields: [(name: StaticString, value: String)] = [
            ("content-type", "application/json"), ("id", text), ("backend", backend), ("x-request-id", text),
        ]
        return ServerResponse(status: error.status, fields: fields + error.headerFields + rates, body: error.body())
    }
}
