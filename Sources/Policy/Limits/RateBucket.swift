import Bytes

/// What was used of a limit a minute: a token bucket with the limit as its burst, also known as GCRA.
///
/// It fills by what is charged and drains at the limit's rate. A charge that turns out too high is given back as far as it has
/// not drained. For that the bucket is a queue without its entries: a charge ends at a position, and what lies before
/// `drained` is gone. So the level is never below that of a bucket that had been charged the true amounts at once, and nobody
/// gets more than the limit; `RateBucketTests` holds it against such a bucket.
struct RateBucket: Sendable {
    /// Parts of a unit: the microseconds of a minute. A limit of `n` a minute drains `n` parts in a microsecond, exactly.
    static let parts: Int64 = 60_000_000

    /// Parts that are charged and have not drained yet; beyond the burst where a request used more than it had reserved.
    private(set) var level: Int64 = 0
    /// Parts that drained or were given back since the bucket was made. It may wrap: only differences count.
    private var drained: UInt64 = 0
    /// The steady clock's microsecond up to which it has drained.
    private var drainedAt = Int64.min

    /// Lets it drain up to the steady clock's `now`. Without a limit it is always empty.
    mutating func drain(at now: Int64, limit: Int64?) {
        defer { drainedAt = max(drainedAt, now) }
        guard level > 0 else { return }
        var amount = level
        if let limit {
            let (drains, overflows) = max(0, now - drainedAt).multipliedReportingOverflow(by: limit)
            if !overflows { amount = min(amount, drains) }
        }
        level -= amount
        drained &+= UInt64(amount)
    }

    /// Charges `units`. Returns the position at which the charge ends, for `giveBack`.
    mutating func charge(_ units: Int64) -> UInt64 {
        level = level.addingSaturated(units * Self.parts)
        return drained &+ UInt64(level)
    }

    /// Gives back `units` of a charge of `charged` units that ends at `end`, as far as they have not drained.
    mutating func giveBack(_ units: Int64, of charged: Int64, endingAt end: UInt64) {
        let left = min(max(0, Int64(bitPattern: end &- drained)), charged * Self.parts)
        let amount = min(units * Self.parts, left, level)
        level -= amount
        drained &+= UInt64(amount)
    }

    /// Microseconds until `units` fit under `limit`, if nothing else is charged; 0 where they do now. `units` are at most `limit`.
    func wait(for units: Int64, limit: Int64) -> Int64 {
        let excess = level.addingSaturated((units - limit) * Self.parts)
        return excess <= 0 ? 0 : (excess - 1) / limit + 1
    }

    /// Microseconds until it is empty.
    func waitUntilEmpty(limit: Int64) -> Int64 { wait(for: limit, limit: limit) }

    /// Units of the limit that are taken, a begun one as a whole.
    var used: Int64 { level == 0 ? 0 : (level - 1) / Self.parts + 1 }
}
