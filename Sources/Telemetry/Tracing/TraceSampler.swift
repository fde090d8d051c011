/// The choice of the traces that are recorded.
///
/// A trace that comes with a request keeps the choice of its beginning, so that no trace has holes.
package struct TraceSampler: Hashable, Sendable {
    /// The share that is left out, in millionths.
    private let omitted: UInt64

    /// A sampler of this share of all traces, in millionths. What is beyond 0 and 1,000,000 counts as these.
    package init(millionths: Int64) { omitted = UInt64(1_000_000 - min(max(0, millionths), 1_000_000)) }

    /// Returns true where a trace that begins with the id `trace`, whose last 56 bits are random, is recorded.
    package func records(_ trace: TraceID) -> Bool {
        // The random bits as a fraction of 64 bits, scaled to millionths.
        (trace.low << 8).multipliedFullWidth(by: 1_000_000).high >= omitted
    }
}
