import Bytes

/// Amounts that requests in flight hold in windows that are not current: those that ended, and those that the clock left by a
/// step. A step may lead back to any of them.
///
/// Usage is not kept here: the ledger has it.
struct LeftReservations: Sendable {
    private struct Place: Hashable {
        let scope: Int
        let slot: Int
        let window: Int32
    }

    private var amounts: [Place: Int64] = [:]

    /// Adds `amount` for the scope at `scope` in the window numbered `window` of the limit at `slot`.
    mutating func hold(_ amount: Int64, scope: Int, slot: Int, window: Int32) {
        guard amount > 0 else { return }
        let place = Place(scope: scope, slot: slot, window: window)
        amounts[place] = amounts[place, default: 0].addingSaturated(amount)
    }

    /// Returns `amount` to the window from which it was taken.
    mutating func giveBack(_ amount: Int64, scope: Int, slot: Int, window: Int32) {
        let place = Place(scope: scope, slot: slot, window: window)
        guard let held = amounts[place] else { return }
        amounts[place] = held > amount ? held.subtractingSaturated(amount) : nil
    }

    /// Removes and returns everything that is held in a window: it becomes current.
    mutating func take(scope: Int, slot: Int, window: Int32) -> Int64 {
        guard !amounts.isEmpty else { return 0 }
        return amounts.removeValue(forKey: Place(scope: scope, slot: slot, window: window)) ?? 0
    }
}
