import Clocks
import HTTP1
import HTTPClient
import Telemetry

/// What telemetry notes of one request. An object: requests without telemetry keep one pointer for it.
final class RequestTrace {
    private let telemetry: RequestTelemetry
    /// The place in its trace; nil where no traces are made.
    let place: TracePlace?
    /// The upstream of the last attempt; nil before anything is sent.
    private var upstream: Origin?
    /// The moment of the first attempt.
    private var sentAt = MonotonicTime.never

    /// - Parameter place: nil where no traces are made.
    init(_ telemetry: RequestTelemetry, _ place: TracePlace?) {
        self.telemetry = telemetry
        self.place = place
    }

    /// True where the sink wants the request.
    var isReported: Bool { telemetry.measures || place?.isSampled == true }

    /// Notes that the request is sent to `upstream`, at `now` or again.
    func sends(to upstream: Origin, at now: MonotonicTime) {
        self.upstream = upstream
        sentAt = min(sentAt, now)
    }

    /// Returns true for a field of the client's that goes upstream.
    ///
    /// `traceparent` is replaced. `tracestate` belongs to a valid one and has no meaning without it (section 3.3).
    func forwards(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        guard let place else { return true }
        if fields.isNamed(field, "traceparent") { return false }
        return place.parent != nil || !fields.isNamed(field, "tracestate")
    }

    /// Writes the span that the upstream is told.
    func write(to writer: inout HeadWriter) {
        if let place { writer.field("traceparent", bytes: place.client.traceparent.span) }
    }

    /// Reports the request of `details`, which ended with `outcome`.
    func report(_ entry: borrowing AccessEntry, _ outcome: Outcome, _ details: RequestDetails, isSecure: Bool) {
        telemetry.sink.report(
            TracedRequest(
                entry: copy entry, endpoint: details.endpoint, isSecure: isSecure, place: place,
                call: upstream.map { upstream in
                    UpstreamCall(
                        upstream: upstream, sentAt: details.timestamp(of: sentAt), status: outcome.progress.status,
                        model: outcome.metadata?.model)
                }))
    }
}
