import Clocks
import HTTP1
import Policy

/// One request that is over, for the access log. It has no prompt, no answer and no key.
package struct AccessEntry: Sendable {
    /// The gateway's id of it.
    package var id: RequestID
    /// When its head was complete.
    package var startedAt: Timestamp
    /// How long it took.
    package var duration: Duration
    /// Its method as it was sent, at most `nameLimit` bytes of it.
    package var method: String
    /// Its path without the query, percent-encoded as it was sent, at most `pathLimit` bytes of it.
    package var path: String
    /// What the caller was sent; 499 where it left before.
    package var status: Int
    /// The cause of a failure; nil where there was none.
    package var cause: String?
    /// Its row; nil where nobody is known whom one could belong to.
    package var record: UsageRecord?

    static let nameLimit = 16
    static let pathLimit = 256

    /// An entry of these facts.
    package init(
        id: RequestID, startedAt: Timestamp, duration: Duration, method: String, path: String, status: Int,
        cause: String? = nil, record: UsageRecord?
    ) {
        self.id = id
        self.startedAt = startedAt
        self.duration = duration
        self.method = method
        self.path = path
        self.status = status
        self.cause = cause
        self.record = record
    }
}

/// Keeps a line of each request. Called from the loops: must not block.
package protocol AccessLog: Sendable {
    /// Keeps `entry`, or drops it where that cannot be done at once.
    func write(_ entry: borrowing AccessEntry)
}
