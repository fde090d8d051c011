import Bytes
import Clocks
import OpenAIAPI
import Policy

/// The details of a request. Each step of the pipeline adds its part; the ledger's row is made of them.
final class RequestDetails {
    /// The gateway's own id, sent as `x-request-id`.
    let id: RequestID
    /// The moment at which the head was complete, on the wall clock. All later moments of the row are this one and a
    /// duration of the monotonic clock, so that a clock that is set changes no duration.
    let startedAt: Timestamp
    /// The same moment on the monotonic clock.
    let started: MonotonicTime
    /// The price list of the request's snapshot.
    let priceList: PriceList
    /// The moment at which the request was settled.
    var ended: MonotonicTime
    /// The row of the request, once it is settled; nil where no key is known.
    var row: Row?
    /// The key that authenticated.
    var key: KeyRecord?
    var endpoint: Endpoint?
    var method = RequestMethod.other
    /// True for requests that may make the upstream's models work: all but those that read or delete (lists, files, polls).
    ///
    /// The others use a request and nothing more. What they state of usage, as a stored response does, was billed before.
    var usesModels = false
    /// The refusal of a request to a path that the gateway does not know, unless the upstream does not have it either: GET asks.
    var refusalIfServed: RequestFailure?
    /// The metadata of the body; nil without one, or where it was not read.
    var metadata: RequestMetadata?
    /// Bytes of the request's body.
    var requestBytes: Int64 = 0
    /// The model as the client named it.
    var modelAsked: String?
    /// The model as it goes upstream, aliases replaced.
    private(set) var modelServed: String?
    /// The prices of `modelServed`, which the request costs whatever is changed meanwhile.
    private(set) var prices: RequestPrices
    /// True where the client asks for a stream.
    var streams = false
    /// True where the upstream keeps the response, whose owner is then noted.
    var isResponseStored = false
    /// Output tokens that a response in the background may have, which the upstream writes on whatever becomes of the request; 0
    /// for every other request.
    var backgroundOutputTokens: Int64 = 0
    var user: String?
    var tags: [String] = []
    /// The translation of the response; nil where the client speaks the upstream's API.
    var translation: ResponseTranslation?
    /// The user and the tags for the access log, where others name a session; nil where all may be logged.
    var logged: LoggedNames?
    /// The file or batch that the request is about, if any.
    var resource: ResourceRequest?
    /// The moment at which the upstream's response began.
    var firstByteAt: Timestamp?
    /// The moment at which a WebSocket was opened; nil for every other request.
    var openedAt: MonotonicTime?
    /// What telemetry notes; nil where it is off.
    var trace: RequestTrace?
    /// The state of the client's limits, as its admission or refusal found it.
    var rates: RateLimits?

    /// A row, apart from the details: a quiet stream has none yet, and keeps no room for it.
    final class Row {
        let record: UsageRecord

        init(_ record: UsageRecord) { self.record = record }
    }

    init(id: RequestID, startedAt: Timestamp, started: MonotonicTime, _ priceList: PriceList) {
        self.id = id
        self.startedAt = startedAt
        self.started = started
        ended = started
        self.priceList = priceList
        prices = priceList.prices(of: nil, at: startedAt)
    }

    /// Notes the model that the request goes to, and what it costs.
    func serve(_ model: String?) {
        modelServed = model
        prices = priceList.prices(of: model, at: startedAt)
    }

    /// The wall-clock time of `moment`, as the row states it.
    func timestamp(of moment: MonotonicTime) -> Timestamp {
        Timestamp(microseconds: startedAt.microseconds.addingSaturated(moment.microseconds(since: started)))
    }

    /// The row of a request of `key` that was billed `bill`.
    @inline(__always)
    func record(_ bill: borrowing Bill, of key: KeyRecord) -> UsageRecord {
        var record = UsageRecord(
            id: id, keyID: key.id, team: key.team, endpoint: endpoint?.name ?? "", startedAt: startedAt)
        record.modelAsked = modelAsked
        record.modelServed = modelServed
        record.user = user
        record.tags = tags
        record.streamed = streams
        record.requestBytes = requestBytes
        record.bill(bill)
        return record
    }
}

extension RequestDetails {
    /// The row as the access log has it: without the names of sessions.
    var loggedRecord: UsageRecord? {
        guard var record = row?.record, let logged else { return row?.record }
        record.user = logged.user
        record.tags = logged.tags
        return record
    }

    /// The progress for the journal of a request that would be billed `bill` by now.
    func progress(_ bill: Bill, status: Int, responseBytes: Int64) -> UsageProgress {
        var progress = UsageProgress(
            status: status, units: bill.units, cost: bill.cost, firstByteAt: firstByteAt, requestBytes: requestBytes,
            responseBytes: responseBytes, streamed: streams)
        progress.countsAsRequest = true
        return progress
    }
}

extension UsageRecord {
    /// Takes the amounts of `bill`, and the model that they are priced by.
    mutating func bill(_ bill: Bill) {
        units = bill.units
        exactness = bill.exactness
        cost = bill.cost
        if let model = bill.answeredBy { modelServed = model }
    }
}
