import Bytes

/// Pauses for keys that wait for requests in flight, whose end is not known. A key waits as long again as it has been refused.
struct RefusalPauses: Sendable {
    /// The first pause, in microseconds.
    static let shortest: Int64 = 1_000_000
    /// The longest pause, in microseconds.
    static let longest: Int64 = 30_000_000

    /// The first and the last of a key's refusals in a row, on the monotonic clock.
    private struct Refusals {
        var first: Int64
        var last: Int64
    }

    private var refusals: [Int: Refusals] = [:]

    /// Notes a refusal of the key at `index`, and returns its next pause. After a silence of twice the longest pause it begins with the
    /// first one.
    mutating func pause(of index: Int, at now: Int64) -> Int64 {
        var known = refusals[index] ?? Refusals(first: now, last: now)
        if now.subtractingSaturated(known.last) > 2 * Self.longest { known.first = now }
        known.last = now
        refusals[index] = known
        return min(max(now.subtractingSaturated(known.first), Self.shortest), Self.longest)
    }

    /// Forgets the refusals of the key at `index`, which was admitted.
    mutating func end(of index: Int) {
        if !refusals.isEmpty { refusals[index] = nil }
    }
}
