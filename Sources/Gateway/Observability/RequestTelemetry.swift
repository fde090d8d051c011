import HTTP1
import Policy
import Telemetry

/// Receives finished requests for a collector. Called on the loops, after the last byte of the response: an implementation does
/// not block.
package protocol TelemetrySink: Sendable {
    /// Takes `request`, or drops it if that would block.
    func report(_ request: TracedRequest)
}

/// What a collector is told of requests.
package final class RequestTelemetry: Sendable {
    /// The choice of traces; nil where none are made, and `traceparent` passes as it is.
    let sampler: TraceSampler?
    /// True where every request is reported, and not only those whose traces are recorded.
    let measures: Bool
    let sink: any TelemetrySink

    /// Telemetry for `sink`.
    package init(sampler: TraceSampler?, measures: Bool, sink: any TelemetrySink) {
        self.sampler = sampler
        self.measures = measures
        self.sink = sink
    }

    /// The trace of a new request with `head`.
    @inline(never)
    func trace(_ head: RequestHead, _ id: RequestID, _ ids: RequestIDSource) -> RequestTrace {
        guard let sampler else { return RequestTrace(self, nil) }
        return RequestTrace(self, TracePlace(in: Self.context(in: head.fields), id, sampler, ids))
    }

    /// The client's span; nil where `fields` name none. A repeated field is not valid (W3C Trace Context, section 3.2).
    private static func context(in fields: HeaderFields) -> TraceContext? {
        do throws(HTTP1Error) {
            return try fields.single("traceparent").flatMap { value in
                fields.withSpan(value) { TraceContext(parsing: $0) }
            }
        } catch { return nil }
    }
}

/// The place of a request in a trace: its own span, and that of what goes upstream.
package struct TracePlace: Sendable, Equatable {
    /// The span of the request.
    package let server: TraceContext
    /// The span of the request upstream, which the upstream is told.
    package let client: TraceContext
    /// The client's span; nil where the trace begins here.
    package let parent: SpanID?

    /// True where the trace is recorded.
    package var isSampled: Bool { server.flags.contains(.sampled) }

    /// A place of these spans.
    package init(server: TraceContext, client: TraceContext, parent: SpanID?) {
        self.server = server
        self.client = client
        self.parent = parent
    }

    /// A place in the trace of `parent`, whose choice holds; or in a new one with the id of the request, which ends in random bits.
    init(in parent: TraceContext?, _ id: RequestID, _ sampler: TraceSampler, _ ids: RequestIDSource) {
        let trace = parent?.trace ?? TraceID(uuid: id.high, id.low)
        let flags = parent?.flags ?? (sampler.records(trace) ? [.sampled, .random] : .random)
        self.init(
            server: TraceContext(trace, SpanID(random: ids.nextBits()), flags),
            client: TraceContext(trace, SpanID(random: ids.nextBits()), flags), parent: parent?.span)
    }
}
