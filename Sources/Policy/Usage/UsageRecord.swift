import Clocks

/// One request in the ledger: one row, without prompt, response or key.
package struct UsageRecord: Sendable, Equatable {
    /// The gateway's id, sent as `x-request-id`.
    package var id: RequestID
    /// The upstream's id of the request, where it sent one.
    package var upstreamID: String?
    /// The public id of the key.
    package var keyID: String
    /// The key's team at that time.
    package var team: String?
    /// The user that the client named: the body's `user` or the configured header.
    package var user: String?
    /// The client's tags, as `UsageTags.cleaned` returns them; mostly none.
    package var tags: [String] = []
    /// The endpoint, as `chat/completions`.
    package var endpoint: String
    /// The endpoint of batches: of the requests about them, and of the rows with the usage of their lines.
    package static let endpointOfBatches = "batches"
    /// The model that the client named.
    package var modelAsked: String?
    /// The model that went upstream, with aliases replaced; or the one that answered, where that is dearer. It prices the row.
    package var modelServed: String?
    /// The upstream's `backend`, where it sent one.
    package var backend: String?
    /// The HTTP status of the response to the client; 499 where the client disconnected before it, 500 where the gateway died.
    package var status = 0
    /// The amounts that were used.
    package var units = BillableUnits()
    /// The origin of `units`.
    package var exactness = Exactness.exact
    /// The price of `units`.
    package var cost = NanoEuros.zero
    /// The time at which the head of the request was complete.
    package var startedAt: Timestamp
    /// The time of the upstream's first byte.
    package var firstByteAt: Timestamp?
    /// The end of the request.
    package var endedAt: Timestamp
    /// Bytes of the request's body.
    package var requestBytes: Int64 = 0
    /// Bytes of the response's body that were sent to the client.
    package var responseBytes: Int64 = 0
    /// True where the client asked for a stream.
    package var streamed = false
    /// True where the request counts against limits of requests: it was sent, or is in flight. A restart restores the limits
    /// from it.
    package var countsAsRequest = false
    /// The end of the request in words.
    package var ending = Ending.complete
    /// The cause of its failure; nil where nothing failed, and in rows of older versions.
    package var cause: Cause?
    /// The limit that refused it; nil where none did.
    package var refusedBy: LimitName?
}

extension UsageRecord {
    /// A record without usage.
    package init(id: RequestID, keyID: String, team: String?, endpoint: String, startedAt: Timestamp) {
        // By the initializer of all members: one that sets members of its own copies the record at its end.
        self.init(id: id, keyID: keyID, team: team, endpoint: endpoint, startedAt: startedAt, endedAt: startedAt)
    }
}
