import Bytes

/// Usage of one limit by one scope in the current window.
///
/// A request belongs to the window in which it was admitted, whenever it ends; reports count the same way. So a new window
/// begins with nothing used and nothing reserved, and the end of a refusal is known exactly. `LeftReservations` has the
/// reservations of other windows.
///
/// 24 bytes: with 100,000 keys the cost of an admission is mostly the memory that it touches.
struct WindowUsage: Sendable {
    /// The number of the window, see `CurrentWindows`.
    private(set) var number: Int32 = 0
    /// The highest percentage for which an alert was given in this window.
    private var alertedAt: Int32 = 0
    /// Usage by requests that have ended, less credits: it may be negative.
    private(set) var used: Int64 = 0
    /// The most that requests in flight can still use.
    private(set) var reserved: Int64 = 0

    /// `used + reserved`, saturated.
    var taken: Int64 { used.addingSaturated(reserved) }

    /// Starts the window `current`, in which requests in flight hold `reserved`.
    mutating func enter(_ current: Int32, reserved: Int64) {
        self = WindowUsage()
        number = current
        self.reserved = reserved
    }

    /// Forgets the usage of the window: the ledger has it. Reservations stay.
    mutating func forgetUsage() {
        used = 0
        alertedAt = 0
    }

    /// Reserves `amount` for a request that was admitted in the window `made`.
    mutating func reserve(_ amount: Int64, madeIn made: Int32) {
        if number == made { reserved = reserved.addingSaturated(amount) }
    }

    /// Replaces the reservation `held`, made in the window `made`, by the usage.
    mutating func settle(_ held: Int64, used: Int64, madeIn made: Int32) {
        guard number == made else { return }
        // After a saturated sum less is left than is held: never below zero.
        reserved = max(0, reserved.subtractingSaturated(held))
        add(used)
    }

    /// Replaces the amount `old` that batches hold by `new`.
    mutating func changeReserved(from old: Int64, to new: Int64) {
        reserved = max(0, reserved.subtractingSaturated(old)).addingSaturated(new)
    }

    /// Adds usage without a reservation, or takes a negative amount away. Then alerts may be due again.
    mutating func add(_ amount: Int64) {
        used = used.addingSaturated(amount)
        if amount < 0 { alertedAt = 0 }
    }

    /// The highest of `thresholds`, ascending percentages of `limit`, that is newly reached. Each is returned once in a window.
    mutating func alert(limit: Int64, thresholds: [Int]) -> Int? {
        let used = used
        guard let reached = thresholds.last(where: { limit.isReached(by: used, percent: $0) }), reached > alertedAt
        else { return nil }
        alertedAt = Int32(clamping: reached)
        return reached
    }
}

extension Int64 {
    /// Returns true where `used` is at least `percent` of this limit, without rounding.
    fileprivate func isReached(by used: Int64, percent: Int) -> Bool {
        let left = used.multipliedFullWidth(by: 100)
        let right = multipliedFullWidth(by: Int64(percent))
        return left.high != right.high ? left.high > right.high : left.low >= right.low
    }
}
