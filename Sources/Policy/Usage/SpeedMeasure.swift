import Bytes
import Clocks

/// A measure of how fast a request was. Reports show its percentiles.
///
/// Only whole, successful responses of the upstream are measured: errors are fast for no reason, and a response that broke off says
/// little.
package enum SpeedMeasure: Int, CaseIterable, Sendable {
    /// The time until the upstream's first byte, of streams. It includes the time in a queue of the gateway.
    case firstByte
    /// The output tokens a second after the first byte, of streams whose tokens the upstream stated.
    case tokensPerSecond
    /// The time from the start of the request to its end.
    case duration

    /// The shortest time, in microseconds, that tokens are divided by: what arrives at once has no measurable speed.
    private static let leastTime: Int64 = 1000

    /// The member of reports, with its unit.
    package var member: String {
        switch self {
        case .firstByte: "first_byte_seconds"
        case .tokensPerSecond: "tokens_per_second"
        case .duration: "duration_seconds"
        }
    }

    /// The decimal places of values: milliseconds have three of a second, rates one of a token.
    package var places: Int { isRate ? 1 : 3 }

    /// True where a larger value is the faster one.
    package var isRate: Bool { self == .tokensPerSecond }

    /// The value of `record`, in milliseconds or tenths of a token a second; nil for a request that is not measured.
    package func value(of record: borrowing UsageRecord) -> Int64? {
        guard let firstByteAt = record.firstByteAt, 200..<300 ~= record.status, record.ending == .complete else {
            return nil
        }
        switch self {
        case .duration: return Self.time(from: record.startedAt, to: record.endedAt) / 1000
        case .firstByte: return record.streamed ? Self.time(from: record.startedAt, to: firstByteAt) / 1000 : nil
        case .tokensPerSecond:
            let time = Self.time(from: firstByteAt, to: record.endedAt)
            // The first token came with the first byte.
            let tokens = record.units.outputTokens.subtractingSaturated(1)
            guard record.streamed, record.exactness == .exact, tokens > 0, time >= Self.leastTime else { return nil }
            return tokens.scaled(by: 10_000_000, over: time, limit: .max)
        }
    }

    /// Microseconds, none where the clock was set back.
    private static func time(from start: Timestamp, to end: Timestamp) -> Int64 {
        max(0, end.microseconds.subtractingSaturated(start.microseconds))
    }
}
