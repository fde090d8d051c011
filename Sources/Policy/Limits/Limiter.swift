import Clocks
import Synchronization

/// All limits of all scopes, with their usage. Shared by all loops.
///
/// A request is admitted against its key, its team and the account in one step, under one lock that covers the arithmetic
/// alone. Either all of them have room for the most that the request can use, and hold it, or nothing changes. At the end of
/// the request its usage replaces the amounts that it held. So
///
/// - `used + reserved` never exceeds a limit by requests with a bound. Only a stream without a bound can exceed its reservation;
///   its usage is counted in full;
/// - nothing is counted twice or lost: a `Reservation` cannot be copied, and ends in `settle`;
/// - neither sum falls below zero.
///
/// The limiter reads no clock and uses no random numbers.
package final class Limiter: Sendable {
    private let state: Mutex<LimiterState>

    /// A limiter without usage.
    package init(_ rules: LimitRules) { state = Mutex(LimiterState(rules)) }

    /// Replaces the limits at once; usage and reservations stay.
    package func replace(_ rules: LimitRules, at now: LimitTime) { state.withLock { $0.replace(rules, at: now) } }

    /// Admits `request` of `key`, and holds the most that it can use.
    ///
    /// - Throws: the limit that it does not fit under.
    package func admit(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> Reservation {
        try state.withLock { state throws(LimitRefusal) in try state.admit(request, of: key, at: now) }
    }

    /// The parts that have limits for `request` of `key`.
    func parts(of request: LimitedRequest, _ key: KeyRecord, at now: LimitTime) -> [OwnedPart] {
        state.withLock { $0.parts(of: request, key, at: now) }
    }

    /// Adds `outputTokens` to `reservation`, for a stream without a bound. Returns false where a limit has no room for them.
    package func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
        state.withLock { $0.extend(&reservation, by: outputTokens, at: now) }
    }

    /// Adds `cost` to `reservation`, for a WebSocket that goes on. Returns false where a limit has no room for it.
    ///
    /// It may last longer than the hour or day in which it began: what is added counts in the present ones too.
    ///
    /// - Parameter key: the key as it is now, whose tier may have changed since.
    package func extend(
        _ reservation: inout Reservation, by cost: NanoEuros, of key: KeyRecord, at now: LimitTime
    ) -> Bool {
        state.withLock { $0.extend(&reservation, by: cost, of: key, at: now) }
    }

    /// Ends `reservation`: the usage replaces the amounts that it held.
    ///
    /// - Parameters:
    ///   - model: the model that was billed, which may be another one than was admitted.
    ///   - user: the user of the request, empty without one; nil where nothing was billed.
    ///   - inputTokens: the input tokens, where the upstream stated them for the whole request.
    /// - Returns: the percentages of limits that are newly reached.
    package func settle(
        _ reservation: consuming Reservation, _ outcome: LimitOutcome, model: String? = nil, user: String? = nil,
        inputTokens: Int64? = nil, at now: LimitTime
    ) -> [LimitAlert] {
        let alerts = state.withLock {
            $0.settle(reservation, outcome, model: model, user: user, inputTokens: inputTokens, at: now)
        }
        reservation.release()
        return alerts
    }

    /// Holds the most that the lines of a batch of `key` can use, until it is billed.
    ///
    /// - Throws: the limit that they do not fit under.
    package func hold(_ lines: BatchLines, of key: KeyRecord, at now: LimitTime) throws(LimitRefusal) -> LastingHold {
        try state.withLock { state throws(LimitRefusal) in try state.hold(lines, of: key, at: now) }
    }

    /// Holds the most that `lines` can use for a batch that an earlier process admitted, of a key that may be gone by now.
    package func resumeHold(
        _ lines: BatchLines, keyID: String, team: String?, keys: KeySnapshot, at now: LimitTime
    ) -> LastingHold {
        state.withLock { $0.resumeHold(lines, keyID: keyID, team: team, keys: keys, at: now) }
    }

    /// Ends `hold`: the usage of each model replaces the amounts that it held.
    ///
    /// - Returns: the percentages of limits that are newly reached.
    package func settle(_ hold: LastingHold, _ used: [ModelAmounts], at now: LimitTime) -> [LimitAlert] {
        state.withLock { $0.settle(hold, used, at: now) }
    }

    /// Counts a further request upstream for one of `key` and `user` that is in flight, as each page of a list is.
    ///
    /// - Throws: the limit that has no room for it.
    package func countRequest(of key: KeyRecord, user: String, at now: LimitTime) throws(LimitRefusal) {
        try state.withLock { state throws(LimitRefusal) in try state.countRequest(of: key, user: user, at: now) }
    }

    /// The remaining amounts of `key`.
    package func rates(of key: KeyRecord, at now: LimitTime) -> RateLimits {
        state.withLock { $0.rates(of: key, at: now) }
    }

    /// Every limit that applies to `key`: its own, its team's, the account's. Without a key, the account's.
    package func states(of key: KeyRecord?, at now: LimitTime) -> [LimitState] {
        state.withLock { $0.states(of: key, at: now) }
    }

    /// The current window of the limit `kind`, in seconds since 1970; nil for limits without a window that ends.
    package func window(of kind: LimitKind) -> Range<Int64>? {
        guard case .window(let window) = kind.form else { return nil }
        return state.withLock { $0.windows.reportedSeconds(of: window) }
    }

    /// The time that the history for `restore` or `step` at `now` has to cover.
    package func historySpan(at now: LimitTime) -> LimitHistory.Span { state.withLock { $0.historySpan(at: now) } }

    /// Continues from the wall clock of `now`, which was set.
    ///
    /// Until then limits go by the time that has passed on the monotonic clock. In windows that contain both moments
    /// everything stays. The others are read again from `history`; requests in flight hold what they took from them.
    /// - Parameter history: the ledger's, for the span at `now`.
    package func step(to now: LimitTime, _ history: LimitHistory, keys: KeySnapshot) {
        state.withLock { $0.step(to: now, history, keys: keys) }
    }

    /// Counts `corrections` of past usage, in the order of their numbers, each once. Returns how many are new.
    @discardableResult
    package func correct(_ corrections: [CostCorrection], keys: KeySnapshot, at now: LimitTime) -> Int {
        state.withLock { $0.correct(corrections, keys: keys, at: now) }
    }

    /// The zone of the windows, in which people are told times.
    package var zone: ZoneOffsets { state.withLock { $0.rules.zone } }

    /// The number of the last correction that is counted; 0 for none.
    package var lastCorrection: Int64 { state.withLock { $0.lastCorrection ?? 0 } }

    /// Adds the usage of earlier processes. `keys` says the tier of each key.
    package func restore(_ history: LimitHistory, keys: KeySnapshot, at now: LimitTime) {
        state.withLock { $0.restore(history, keys: keys, at: now) }
    }
}
