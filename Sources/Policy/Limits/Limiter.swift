import Clocks
import Synchronization

/// All limits of all scopes: who may go on, and what everybody has used. Shared by all loops.
///
/// A request is admitted against its key, its team and the account in one step under one lock, which is held for the arithmetic
/// alone. Either all of them have room for the most that it can use, and hold it for the request, or nothing changes. When it is
/// over, what it used takes the place of what it held. So
///
/// - used + reserved never exceeds a limit by what requests with a bound do: only a stream without a bound can pass its reservation,
///   and then what it used is counted all the same;
/// - nothing is counted twice or lost: a `Reservation` cannot be copied, and ends in `settle`;
/// - used and reserved never fall below zero.
///
/// It reads no clock and draws no lots.
package final class Limiter: Sendable {
    private let state: Mutex<LimiterState>

    /// A limiter of which nothing is used yet.
    package init(_ rules: LimitRules) { state = Mutex(LimiterState(rules)) }

    /// Takes other limits: at once, and with all that is used.
    package func replace(_ rules: LimitRules, at now: LimitTime) { state.withLock { $0.replace(rules, at: now) } }

    /// Admits `request` of `key` and holds for it the most that it can use, or says which limit it does not fit under.
    package func admit(
        _ request: LimitedRequest, of key: KeyRecord, at now: LimitTime
    ) throws(LimitRefusal) -> Reservation {
        try state.withLock { state throws(LimitRefusal) in try state.admit(request, of: key, at: now) }
    }

    /// Has `reservation` hold `outputTokens` more, for a stream that has no bound; false where its limits do not allow it.
    package func extend(_ reservation: inout Reservation, by outputTokens: Int64, at now: LimitTime) -> Bool {
        state.withLock { $0.extend(&reservation, by: outputTokens, at: now) }
    }

    /// Ends `reservation`: what the request came to takes the place of what it held.
    /// - Returns: the percentages of limits that are newly reached.
    package func settle(_ reservation: consuming Reservation, _ outcome: LimitOutcome, at now: LimitTime)
        -> [LimitAlert]
    {
        let alerts = state.withLock { $0.settle(reservation, outcome, at: now) }
        reservation.release()
        return alerts
    }

    /// Counts what a key has used without a reservation: the lines of a batch, which are known when it is over.
    /// - Returns: the percentages of limits that are newly reached.
    package func charge(_ amounts: LimitAmounts, to key: KeyRecord, at now: LimitTime) -> [LimitAlert] {
        state.withLock { $0.charge(amounts, to: key, at: now) }
    }

    /// Where `key` stands.
    package func rates(of key: KeyRecord, at now: LimitTime) -> RateLimits {
        state.withLock { $0.rates(of: key, at: now) }
    }

    /// Every limit that applies to `key`: its own, its team's, the account's. Without a key, the account's.
    package func states(of key: KeyRecord?, at now: LimitTime) -> [LimitState] {
        state.withLock { $0.states(of: key, at: now) }
    }

    /// What `restore` has to be told of.
    package func historySpan(at now: LimitTime) -> LimitHistory.Span { state.withLock { $0.historySpan(at: now) } }

    /// Adds what an earlier process has used. `keys` says in which tiers the keys are.
    package func restore(_ history: LimitHistory, keys: KeySnapshot, at now: LimitTime) {
        state.withLock { $0.restore(history, keys: keys, at: now) }
    }
}
