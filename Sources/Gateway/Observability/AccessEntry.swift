import Clocks
import HTTP1
import Policy
import Telemetry

/// A finished request, for the access log. It holds no prompt, no answer and no key.
package struct AccessEntry: Sendable {
    /// The gateway's id of the request.
    package var id: RequestID
    /// The moment at which the request's head was complete.
    package var startedAt: Timestamp
    /// The time from the head to the row.
    package var duration: Duration
    /// The client's IP address: the connection's, or the one that trusted proxies name.
    package var client: String
    /// The method as it was sent, at most `nameLimit` bytes.
    package var method: String
    /// The path without the query, percent-encoded as it was sent, at most `pathLimit` bytes.
    package var path: String
    /// The client's program as it names itself (RFC 9110, section 10.1.5), at most `agentLimit` bytes; nil without a name.
    package var userAgent: String?
    /// The status that the client was sent; 499 where it left before.
    package var status: Int
    /// Bytes of the response's body that the client was sent.
    package var responseBytes: Int64
    /// The code of the gateway's own error that the client was sent; nil without one.
    package var error: String?
    /// The failure; nil where there was none.
    package var failure: RequestFailure?
    /// The name of the key that authenticated; nil without one.
    package var keyName: String?
    /// The trace that the request belongs to; nil where no traces are made.
    package var trace: TraceID?
    /// The ledger's row; nil for a request without a known key.
    package var record: UsageRecord?

    static let nameLimit = 16
    static let pathLimit = 256
    static let agentLimit = 256

    /// An entry of these members.
    package init(
        id: RequestID, startedAt: Timestamp, duration: Duration, client: String, method: String, path: String,
        userAgent: String? = nil, status: Int, responseBytes: Int64 = 0, error: String? = nil,
        failure: RequestFailure? = nil, keyName: String? = nil, trace: TraceID? = nil,
        record: UsageRecord?
    ) {
        self.id = id
        self.startedAt = startedAt
        self.duration = duration
        self.client = client
        self.method = method
        self.path = path
        self.userAgent = userAgent
        self.status = status
        self.responseBytes = responseBytes
        self.error = error
        self.failure = failure
        self.keyName = keyName
        self.trace = trace
        self.record = record
    }
}

/// Keeps a line for each request. Called on the loops: an implementation does not block.
package protocol AccessLog: Sendable {
    /// Keeps `entry`, or drops it if that would block.
    func write(_ entry: borrowing AccessEntry)
}
