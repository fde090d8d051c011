import Clocks
import HTTPClient
import OpenAIAPI

/// A finished request for a collector. It holds no prompt, no answer and no key.
package struct TracedRequest: Sendable {
    /// The request as the access log has it, without keys in its path.
    package var entry: AccessEntry
    /// The endpoint; nil where none was found.
    package var endpoint: Endpoint?
    /// True where the client's connection has TLS.
    package var isSecure: Bool
    /// The place in its trace; nil where no traces are made.
    package var place: TracePlace?
    /// What went upstream; nil where nothing did.
    package var call: UpstreamCall?

    /// A request of these members.
    package init(entry: AccessEntry, endpoint: Endpoint?, isSecure: Bool, place: TracePlace?, call: UpstreamCall?) {
        self.entry = entry
        self.endpoint = endpoint
        self.isSecure = isSecure
        self.place = place
        self.call = call
    }
}

/// The part of a request that went upstream, with all its attempts.
package struct UpstreamCall: Sendable {
    /// The upstream of the last attempt.
    package var upstream: Origin
    /// The moment of the first attempt.
    package var sentAt: Timestamp
    /// The status of the upstream's response; nil without one.
    package var status: Int?
    /// The model that the response names.
    package var model: String?

    /// A call of these members.
    package init(upstream: Origin, sentAt: Timestamp, status: Int?, model: String?) {
        self.upstream = upstream
        self.sentAt = sentAt
        self.status = status
        self.model = model
    }
}
