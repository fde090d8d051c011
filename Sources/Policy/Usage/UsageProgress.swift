import Clocks

/// The changing facts of a request while its response passes; see the members of `UsageRecord`.
package struct UsageProgress: Sendable, Equatable {
    /// The HTTP status of the response to the client.
    package var status: Int
    /// The amounts so far.
    package var units: BillableUnits
    /// Their price.
    package var cost: NanoEuros
    /// The time of the upstream's first byte.
    package var firstByteAt: Timestamp?
    /// Bytes of the request's body.
    package var requestBytes: Int64
    /// Bytes of the response's body so far.
    package var responseBytes: Int64
    /// True where the client asked for a stream.
    package var streamed: Bool
    /// True where the request is held against limits of requests.
    package var countsAsRequest: Bool

    /// Progress with these facts.
    package init(
        status: Int, units: BillableUnits, cost: NanoEuros, firstByteAt: Timestamp?, requestBytes: Int64,
        responseBytes: Int64, streamed: Bool, countsAsRequest: Bool = false
    ) {
        self.status = status
        self.units = units
        self.cost = cost
        self.firstByteAt = firstByteAt
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.streamed = streamed
        self.countsAsRequest = countsAsRequest
    }

    /// The facts of `record`.
    package init(_ record: borrowing UsageRecord) {
        self.init(
            status: record.status, units: record.units, cost: record.cost, firstByteAt: record.firstByteAt,
            requestBytes: record.requestBytes, responseBytes: record.responseBytes, streamed: record.streamed,
            countsAsRequest: record.countsAsRequest)
    }
}
