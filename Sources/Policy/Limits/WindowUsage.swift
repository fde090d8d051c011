import Bytes

/// What one scope uses of one kind, tokens or money, in the current hour, day or month.
///
/// A request belongs to the window in which it was admitted, whenever it ends, as it does in reports. So a new window begins with
/// nothing used and nothing reserved, and the moment at which an allowance is whole again is known exactly.
///
/// 24 bytes: with 100,000 keys what admission costs is mostly the memory that it touches.
struct WindowUsage: Sendable {
    /// Which window it is of: see `CurrentWindows`.
    private(set) var window: Int32 = 0
    /// The highest percentage that was told of in this window.
    private var alertedAt: Int32 = 0
    /// What requests that are over used.
    private(set) var used: Int64 = 0
    /// The most that requests under way can still use.
    private(set) var reserved: Int64 = 0

    /// What nobody else can have.
    var taken: Int64 { used.addingSaturated(reserved) }

    /// Begins anew where `current` is another window.
    mutating func enter(_ current: Int32) {
        guard window != current else { return }
        self = WindowUsage()
        window = current
    }

    /// Holds `amount` for a request that was admitted in the window `made`.
    mutating func reserve(_ amount: Int64, madeIn made: Int32) {
        if window == made { reserved = reserved.addingSaturated(amount) }
    }

    /// Puts what was used in the place of what was held since the window `made`.
    mutating func settle(_ held: Int64, used: Int64, madeIn made: Int32) {
        guard window == made else { return }
        // Where the sum was saturated, what is left is less than what is held; never less than nothing.
        reserved = max(0, reserved.addingSaturated(-held))
        add(used)
    }

    /// Adds what was used without a reservation.
    mutating func add(_ amount: Int64) { used = used.addingSaturated(amount) }

    /// The highest of `thresholds`, percentages of `limit`, that is newly reached; it is told once.
    mutating func alert(limit: Int64, thresholds: [Int]) -> Int? {
        let used = used
        guard let reached = thresholds.last(where: { limit.isReached(by: used, percent: $0) }), reached > alertedAt
        else { return nil }
        alertedAt = Int32(reached)
        return reached
    }
}

extension Int64 {
    /// Whether `used` is at least `percent` of this limit, without rounding.
    fileprivate func isReached(by used: Int64, percent: Int) -> Bool {
        let left = used.multipliedFullWidth(by: 100)
        let right = multipliedFullWidth(by: Int64(percent))
        return left.high != right.high ? left.high > right.high : left.low >= right.low
    }
}
