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
        var fields: [(name: StaticString, value: String)] = [
            ("content-type", "application/json"), ("id", text), ("backend", backend), ("x-request-id", text),
        ]
        if let allow = error.allow { fields.append(("allow", allow)) }
        if let seconds = error.retryAfterSeconds { fields.append(("retry-after", String(seconds))) }
        if error.status == 429, let milliseconds = error.retryAfterMilliseconds {
            fields.append(("retry-after-ms", String(milliseconds)))
        }
        if let shouldRetry = error.shouldRetry { fields.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if error.status == 401 { fields.append(("www-authenticate", "Bearer")) }
        return ServerResponse(status: error.status, fields: fields + rates, body: error.body())
    }
}
