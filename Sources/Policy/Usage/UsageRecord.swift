import Clocks

/// Whether the numbers of a usage record are the upstream's own.
package enum Exactness: String, Hashable, Sendable, CaseIterable {
    /// The upstream stated them, or nothing was used.
    case exact
    /// The upstream did not state them: counted from what passed.
    case estimated
    /// The answer broke off: counted from what had passed until then.
    case interrupted
}

/// How a request ended.
package enum Ending: String, Hashable, Sendable, CaseIterable {
    /// The caller has the whole answer, of whatever status.
    case complete
    /// The gateway refused it; nothing went upstream.
    case refused
    /// The caller went away before the end of the answer.
    case clientGone = "caller_gone"
    /// No answer could be had from the upstream.
    case upstreamFailed = "upstream_failed"
    /// The upstream broke off in mid-answer.
    case upstreamInterrupted = "upstream_interrupted"
    /// The upstream was silent for too long.
    case upstreamTimeout = "upstream_timeout"
    /// The gateway shut down before the end of the answer.
    case drained
    /// The gateway died before the end of the answer (`kill -9`, loss of power).
    case gatewayDied = "gateway_died"
    /// The gateway ended the stream: it had run beyond its reservation, and its limits had nothing left.
    case overrun
}

/// An amount of money in nano-euros (10⁻⁹ EUR). Prices and costs are integers, never floating point.
package struct NanoEuros: Hashable, Comparable, Sendable {
    /// Billionths of a euro.
    package var amount: Int64

    /// `amount` billionths of a euro.
    package init(_ amount: Int64) { self.amount = amount }

    /// Nothing.
    package static let zero = NanoEuros(0)

    package static func < (left: NanoEuros, right: NanoEuros) -> Bool { left.amount < right.amount }
    package static func + (left: NanoEuros, right: NanoEuros) -> NanoEuros { NanoEuros(left.amount + right.amount) }
}

/// One request as the ledger keeps it: one row, no prompt, no answer, no key.
package struct UsageRecord: Sendable, Equatable {
    /// The gateway's id, sent as `x-request-id`.
    package var id: RequestID
    /// The upstream's own id of the request, where it sent one.
    package var upstreamID: String?
    /// The public id of the key.
    package var keyID: String
    /// The key's team at that time.
    package var team: String?
    /// Whom the caller named: the body's `user` or the configured header.
    package var user: String?
    /// What the caller calls the request, as `UsageTags.cleaned` makes it; mostly nothing.
    package var tags: [String] = []
    /// The endpoint, as `chat/completions`.
    package var endpoint: String
    /// The model as the caller named it.
    package var modelAsked: String?
    /// The model as it went upstream, aliases replaced.
    package var modelServed: String?
    /// The upstream's `backend`, where it sent one.
    package var backend: String?
    /// The HTTP status that the caller was sent; 499 where the caller left before there was one.
    package var status: Int
    /// What was used.
    package var units: BillableUnits
    /// Whether `units` are the upstream's own numbers.
    package var exactness: Exactness
    /// What it cost.
    package var cost: NanoEuros
    /// When the head of the request was complete.
    package var startedAt: Timestamp
    /// When the upstream's first byte arrived.
    package var firstByteAt: Timestamp?
    /// When the request was over.
    package var endedAt: Timestamp
    /// Bytes of the request's body.
    package var requestBytes: Int64
    /// Bytes of the answer's body that were sent to the caller.
    package var responseBytes: Int64
    /// Whether the caller asked for a stream.
    package var streamed: Bool
    /// Counts against limits of requests: it was admitted under limits, and was not given back when it ended. Limits are
    /// restored from it after a restart.
    package var countsAsRequest = false
    /// How it ended.
    package var ending: Ending

    /// A record with nothing used yet.
    package init(id: RequestID, keyID: String, team: String?, endpoint: String, startedAt: Timestamp) {
        self.id = id
        self.keyID = keyID
        self.team = team
        self.endpoint = endpoint
        self.startedAt = startedAt
        status = 0
        units = BillableUnits()
        exactness = .exact
        cost = .zero
        endedAt = startedAt
        requestBytes = 0
        responseBytes = 0
        streamed = false
        ending = .complete
    }
}

/// What is known of a request while its answer passes.
package struct UsageProgress: Sendable {
    /// The HTTP status that the caller was sent.
    package var status: Int
    /// What was used until now.
    package var units: BillableUnits
    /// What that costs.
    package var cost: NanoEuros
    /// When the upstream's first byte arrived.
    package var firstByteAt: Timestamp?
    /// Bytes of the request's body.
    package var requestBytes: Int64
    /// Bytes of the answer's body until now.
    package var responseBytes: Int64
    /// Whether the caller asked for a stream.
    package var streamed: Bool
    /// Counts against limits of requests; see `UsageRecord`.
    package var countsAsRequest = false

    /// All of it.
    package init(
        status: Int, units: BillableUnits, cost: NanoEuros, firstByteAt: Timestamp?, requestBytes: Int64,
        responseBytes: Int64, streamed: Bool
    ) {
        self.status = status
        self.units = units
        self.cost = cost
        self.firstByteAt = firstByteAt
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.streamed = streamed
    }

    /// What `record` says of it.
    package init(_ record: borrowing UsageRecord) {
        self.init(
            status: record.status, units: record.units, cost: record.cost, firstByteAt: record.firstByteAt,
            requestBytes: record.requestBytes, responseBytes: record.responseBytes, streamed: record.streamed)
        countsAsRequest = record.countsAsRequest
    }
}

/// Takes the usage of requests that are over. Called from the loops: must not block, must not lose.
package protocol UsageSink: AnyObject, Sendable {
    /// Keeps `record`, of a request that never went upstream. Returns once it is in the sink's own memory, not when it is
    /// on the disk.
    func record(_ record: UsageRecord)

    /// Why no further request should be taken, where that is so (the disk is full, the database is damaged).
    var trouble: String? { get }
}

/// Knows the keys: an immutable snapshot, replaced as a whole where keys change.
package protocol KeyDirectory: Sendable {
    /// The keys as they are now. Cheap: called for every request.
    var keys: KeySnapshot { get }
}
