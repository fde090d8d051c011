import Bytes

/// Usage of a limit per minute: a token bucket whose burst is the limit, also known as GCRA.
///
/// Charges fill the bucket, and it drains at the limit's rate. A charge that turns out too high is given back as far as it has
/// not drained. For this the bucket is a queue without its entries: a charge ends at a position, and all below `drained` is
/// gone. So the level is never below that of a bucket that was charged the true amounts at once, and a client never gets more
/// than the limit. `RateBucketTests` compares it with such a bucket.
struct RateBucket: Sendable {
    /// Parts of a unit: the microseconds of a minute. A limit of `n` per minute drains exactly `n` parts per microsecond.
    static let parts: Int64 = 60_000_000

    /// Charged parts that have not drained yet. Above the burst where a request used more than it had reserved.
    private(set) var level: Int64 = 0
    /// Parts that drained or were given back so far. May wrap: only differences count.
    private var drained: UInt64 = 0
    /// The monotonic microsecond of the last drain.
    private var drainedAt = Int64.min

    /// Drains up to the monotonic microsecond `now`. Without a limit the bucket is always empty.
    mutating func drain(at now: Int64, limit: Int64?) {
        defer { drainedAt = max(drainedAt, now) }
        guard level > 0 else { return }
        var amount = level
        if let limit {
            let elapsed = max(0, now.subtractingSaturated(drainedAt))
            amount = min(amount, elapsed.multipliedSaturated(by: max(0, limit)))
        }
        level -= amount
        drained &+= UInt64(amount)
    }

    /// Charges `units`. Returns the position at which the charge ends, for `giveBack`.
    mutating func charge(_ units: Int64) -> UInt64 {
        level = level.addingSaturated(Self.inParts(units))
        return drained &+ UInt64(level)
    }

    /// Gives back `units` of a charge of `charged` units that ends at `end`, as far as they have not drained.
    mutating func giveBack(_ units: Int64, of charged: Int64, endingAt end: UInt64) {
        let left = min(max(0, Int64(bitPattern: end &- drained)), Self.inParts(charged))
        let amount = min(Self.inParts(units), left, level)
        level -= amount
        drained &+= UInt64(amount)
    }

    /// Microseconds until `units` fit under `limit`, if no other charge comes; 0 where they fit now.
    ///
    /// `units` are at most `limit`: more never fit.
    func wait(for units: Int64, limit: Int64) -> Int64 {
        let excess = excess(of: units, limit: limit)
        return excess <= 0 ? 0 : (excess - 1) / max(1, limit) + 1
    }

    /// Returns true where `units` fit under `limit` now.
    func hasRoom(for units: Int64, limit: Int64) -> Bool { units <= limit && excess(of: units, limit: limit) <= 0 }

    /// The parts that have to drain before `units` fit under `limit`; 0 or less where they fit now.
    private func excess(of units: Int64, limit: Int64) -> Int64 {
        level.addingSaturated(units.subtractingSaturated(limit).multipliedSaturated(by: Self.parts))
    }

    /// Microseconds until the bucket is empty.
    func waitUntilEmpty(limit: Int64) -> Int64 { wait(for: limit, limit: limit) }

    /// Units in use; a started one counts as a whole.
    var used: Int64 { level == 0 ? 0 : (level - 1) / Self.parts + 1 }

    private static func inParts(_ units: Int64) -> Int64 { max(0, units).multipliedSaturated(by: parts) }
}
