import Bytes

/// Amounts that batches hold. An object, since few scopes have any: admission is bound by the memory of `ScopeUsage`.
private final class LastingAmounts: Sendable {
    let windows: PerWindowKind<Int64>
    init(_ windows: PerWindowKind<Int64>) { self.windows = windows }
}

/// Usage of all limits by one scope: a key, a team, the account, or a part of one of these.
///
/// Usage is counted with or without a limit, so that a limit that comes later knows it. Admission is bound by memory when there
/// are many keys: `LimitKindTests` states the size of this value.
struct ScopeUsage: Sendable {
    /// The kind of a scope. Scopes of different kinds may have the same name.
    enum Kind: UInt8, Sendable {
        /// The place of a scope that was removed.
        case none
        case key, team, account
        /// The requests of another scope to some models, or for one user.
        case model, user
    }

    /// The key's public id, the team's name, `account`, the name of an entry for models, or the user's.
    let name: String
    let kind: Kind
    /// The place of its parts in `ScopeTable.parts`; negative without any.
    var placeOfParts: Int32 = -1
    /// The limits at the last look; nil for a scope without any.
    var limits: TierLimits?
    /// Limits per minute.
    private(set) var buckets = PerRateKind(repeating: RateBucket())
    /// Limits of windows.
    private(set) var windows = PerWindowKind(repeating: WindowUsage())
    /// Amounts that batches hold in every window; nil for none. They are among the reserved ones of `windows`.
    private var lasting: LastingAmounts?
    /// Tokens that requests in flight hold.
    private(set) var tokensInFlight: Int64 = 0
    /// Requests in flight.
    private(set) var inFlight: Int64 = 0
    /// The monotonic microsecond of the last request; `min` where the scope is not in `FairShares`.
    var askedAt = Int64.min

    /// The usage of `name`, from zero.
    init(name: String, kind: Kind, limits: TierLimits? = nil) {
        self.name = name
        self.kind = kind
        self.limits = limits
    }

    /// Drains the buckets up to the monotonic microsecond `now`.
    mutating func drain(to now: Int64) {
        for slot in buckets.indices { buckets[slot].drain(at: now, limit: limits?.rates[slot]) }
    }

    /// Enters the windows numbered `current`.
    ///
    /// - Parameters:
    ///   - index: the place of this scope.
    ///   - left: gets the reservations in the windows before, and has those in the new ones.
    mutating func enter(_ current: CurrentWindows.Numbers, at index: Int, _ left: inout LeftReservations) {
        let current = current.span
        for slot in current.indices where windows[slot].number != current[slot] {
            let lasting = lasting(slot)
            left.hold(
                windows[slot].reserved.subtractingSaturated(lasting), scope: index, slot: slot,
                window: windows[slot].number)
            let back = left.take(scope: index, slot: slot, window: current[slot])
            windows[slot].enter(current[slot], reserved: back.addingSaturated(lasting))
        }
    }

    /// Forgets the usage in `window`, which a step of the clock leads to.
    mutating func forgetUsage(in window: LimitWindow) {
        for slot in windows.indices where LimitKind.windowKinds[slot].window == window { windows[slot].forgetUsage() }
    }

    /// The used and reserved amount of a limit of the calendar in the windows numbered `current`.
    @inline(__always)
    func taken(_ slot: Int, in current: borrowing CurrentWindows.Numbers) -> Int64 {
        let usage = windows.span[slot]
        return usage.number == current.span[slot] ? usage.taken : lasting(slot)
    }

    /// Holds `amounts` for a new request, or for a stream that extends its reservation (then `requests` is 0).
    ///
    /// - Parameters:
    ///   - made: the windows in which the request was admitted.
    ///   - ends: receives the positions at which the charges end.
    mutating func reserve(
        _ amounts: borrowing SlotAmounts, madeIn made: CurrentWindows.Numbers, _ ends: inout PerRateKind<UInt64>
    ) {
        for slot in buckets.indices where amounts.rates[slot] > 0 {
            ends[slot] = buckets[slot].charge(amounts.rates[slot])
        }
        let held = amounts.windows.span
        let made = made.span
        for slot in held.indices { windows[slot].reserve(held[slot], madeIn: made[slot]) }
        inFlight = inFlight.addingSaturated(amounts.requests)
        tokensInFlight = tokensInFlight.addingSaturated(amounts.tokens)
    }

    /// Counts usage of a request that outlived the windows `made`, in which it was admitted, in those that began after them.
    mutating func addToWindows(_ amounts: borrowing SlotAmounts, after made: CurrentWindows.Numbers) {
        let used = amounts.windows.span
        let made = made.span
        for slot in used.indices where windows[slot].number != made[slot] { windows[slot].add(used[slot]) }
    }

    /// Replaces the amounts that were held by the usage.
    ///
    /// - Parameter ends: the positions of the reservation's charges in this scope.
    mutating func settle(_ amounts: borrowing SettledAmounts, _ ends: PerRateKind<UInt64>) {
        for slot in buckets.indices {
            let held = amounts.held.rates[slot]
            let used = amounts.used.rates[slot]
            if used < held {
                buckets[slot].giveBack(held - used, of: amounts.lastCharge[slot], endingAt: ends[slot])
            } else if used > held {
                _ = buckets[slot].charge(used - held)
            }
        }
        let held = amounts.held.windows.span
        let used = amounts.used.windows.span
        let made = amounts.windows.span
        for slot in held.indices { windows[slot].settle(held[slot], used: used[slot], madeIn: made[slot]) }
        inFlight = max(0, inFlight.subtractingSaturated(amounts.held.requests))
        tokensInFlight = max(0, tokensInFlight.subtractingSaturated(amounts.held.tokens))
    }

    /// Returns true where nothing of a limit is used or held in the windows numbered `current`. Buckets are drained before.
    func isUnused(in current: CurrentWindows.Numbers) -> Bool {
        guard inFlight == 0, lasting == nil, buckets.indices.allSatisfy({ buckets[$0].level == 0 }) else {
            return false
        }
        return windows.indices.allSatisfy { limits?.windows[$0] == nil || taken($0, in: current) == 0 }
    }

    /// The amount that batches hold of the limit at `slot`.
    func lasting(_ slot: Int) -> Int64 { lasting?.windows[slot] ?? 0 }

    /// Holds `amounts` of a batch in the current windows, and in all that follow.
    mutating func hold(_ amounts: SlotAmounts) {
        setLasting(PerWindowKind { lasting($0).addingSaturated(amounts.windows[$0]) })
    }

    /// Gives `amounts` of a batch back.
    mutating func giveBack(_ amounts: SlotAmounts) {
        // After a saturated sum less is left than is held: never below zero.
        setLasting(PerWindowKind { max(0, lasting($0).subtractingSaturated(amounts.windows[$0])) })
    }

    private mutating func setLasting(_ new: PerWindowKind<Int64>) {
        var isEmpty = true
        for slot in windows.indices {
            windows[slot].changeReserved(from: lasting(slot), to: new[slot])
            isEmpty = isEmpty && new[slot] == 0
        }
        lasting = isEmpty ? nil : LastingAmounts(new)
    }

    /// Counts the usage of a batch.
    mutating func addOfBatch(_ amounts: borrowing SlotAmounts) {
        for slot in windows.indices { windows[slot].add(amounts.windows[slot]) }
    }

    /// Counts usage without a reservation in the current minute and windows.
    mutating func charge(_ amounts: LimitAmounts) {
        chargeBuckets(amounts)
        for window in LimitWindow.allCases { add(amounts, in: window) }
    }

    /// Counts usage in the buckets alone.
    mutating func chargeBuckets(_ amounts: LimitAmounts) {
        for slot in buckets.indices { _ = buckets[slot].charge(amounts[LimitKind.rateKinds[slot].unit]) }
    }

    /// Counts usage in the current `window` alone.
    ///
    /// - Parameter isOfBatches: true for usage of batches, which some limits do not count.
    mutating func add(_ amounts: LimitAmounts, in window: LimitWindow, isOfBatches: Bool = false) {
        for slot in windows.indices where LimitKind.windowKinds[slot].window == window {
            let kind = LimitKind.windowKinds[slot].kind
            windows[slot].add((isOfBatches && !kind.countsBatches ? amounts.besideBatches : amounts)[kind.unit])
        }
    }

    /// False where no limit of the calendar has reached a percentage for an alert, as for most requests.
    mutating func mayAlert() -> Bool {
        guard let limits else { return false }
        let first = limits.firstAlerts.span
        let windows = windows.span
        for slot in windows.indices where windows[slot].used >= first[slot] { return true }
        return false
    }

    /// Calls `body` for each limit of the calendar whose usage newly reached a percentage, with the highest one.
    mutating func forEachAlert(
        _ body: (LimitKind.WindowKind, _ percent: Int, _ limit: Int64, _ used: Int64) -> Void
    ) {
        guard let limits, !limits.alertAt.isEmpty else { return }
        let limited = limits.windows.span
        for slot in limited.indices {
            guard let limit = limited[slot],
                let percent = windows[slot].alert(limit: limit, thresholds: limits.alertAt)
            else { continue }
            body(limits.windowKinds[slot], percent, limit, windows[slot].used)
        }
    }
}
