import Clocks
import Policy
import Synchronization
import Transport

/// Watches something that requests need: the upstream, one of its keys, or the store. Its failures are one event at the
/// beginning, whatever their number, and one at the end; the last ones are kept for the status.
///
/// A success costs a store and a comparison.
final class StateWatch: Sendable {
    private struct State {
        var trouble = LastingState()
        /// The kind of the event at the beginning.
        var kind: EventKind?
        var fault: WatchedFault?
        var restsUntil: Timestamp?
    }

    private let subject: String
    private let recovery: EventKind
    private let events: (any EventSink)?
    /// The last success in nanoseconds of the monotonic clock; 0 before the first one.
    private let lastSuccess = Atomic<UInt64>(0)
    private let isTroubled = Atomic<Bool>(false)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - subject: what is watched, in events.
    ///   - recovery: the kind of the event at the end of a trouble.
    init(_ subject: String, recovery: EventKind, _ events: (any EventSink)?) {
        self.subject = subject
        self.recovery = recovery
        self.events = events
    }

    /// Notes a success at `now`, the time of the present loop.
    @inline(__always)
    func succeeded(at now: MonotonicTime, _ clock: any TimeSource) {
        lastSuccess.store(now.nanoseconds, ordering: .relaxed)
        if isTroubled.load(ordering: .relaxed) { mayRecover(clock) }
    }

    @inline(never)
    private func mayRecover(_ clock: any TimeSource) {
        let ended = state.withLock { state -> (failures: Int64, fault: WatchedFault?)? in
            guard let failures = state.trouble.succeeded(at: clock.monotonic) else { return nil }
            isTroubled.store(false, ordering: .relaxed)
            (state.kind, state.restsUntil) = (nil, nil)
            return (failures, state.fault)
        }
        guard let ended else { return }
        events?.report(Event(at: clock.now, recovery, subject, cause: ended.fault?.cause, count: ended.failures))
    }

    /// Notes a failure.
    ///
    /// - Parameters:
    ///   - kind: the event at the beginning of the trouble. One of more weight than the last one is a beginning too.
    ///   - restsUntil: the time until which it is not used.
    @inline(never)
    func failed(
        _ kind: EventKind, _ cause: Cause, detail: String? = nil, restsUntil: Timestamp? = nil,
        at clock: any TimeSource
    ) {
        let now = clock.now
        let begins = state.withLock { state in
            isTroubled.store(true, ordering: .relaxed)
            state.fault = WatchedFault(at: now, cause: cause, detail: detail)
            if let restsUntil { state.restsUntil = restsUntil }
            let begins = state.trouble.failed(at: clock.monotonic)
            let isWorse = state.kind.map { $0 != kind && kind.severity == .error } ?? true
            if begins || isWorse { state.kind = kind }
            return begins || isWorse
        }
        guard begins else { return }
        events?.report(
            Event(
                at: now, kind, subject, cause: cause, detail: detail,
                facts: restsUntil.map { [Event.Fact("until", .time($0))] } ?? []))
    }

    /// Notes a failure that is no trouble of its own, such as a limit that the upstream sets: for the status alone.
    @inline(never)
    func noteFault(_ cause: Cause, at clock: any TimeSource) {
        let fault = WatchedFault(at: clock.now, cause: cause)
        state.withLock { $0.fault = fault }
    }

    /// Notes that it is not used until `moment`.
    func rest(until moment: Timestamp) { state.withLock { $0.restsUntil = moment } }

    /// The state now, for the status.
    func report(at clock: any TimeSource) -> WatchedState {
        let (now, monotonic) = (clock.now, clock.monotonic)
        let nanoseconds = lastSuccess.load(ordering: .relaxed)
        let lastSuccess = nanoseconds == 0 ? nil : now + (.zero - (monotonic - MonotonicTime(nanoseconds: nanoseconds)))
        return state.withLock { state in
            WatchedState(
                subject: subject, isTroubled: state.trouble.isOn, lastSuccess: lastSuccess, lastFault: state.fault,
                restsUntil: state.restsUntil.flatMap { $0 > now ? $0 : nil })
        }
    }
}

/// A failure of something that is watched.
package struct WatchedFault: Sendable, Equatable {
    /// The moment of the failure.
    package var at: Timestamp
    /// The cause.
    package var cause: Cause
    /// The particulars in words; nil without any.
    package var detail: String?
}

/// The state of something that is watched, for the status.
package struct WatchedState: Sendable, Equatable {
    /// What it is, as events name it.
    package var subject: String
    /// True from the first failure on, until a success some time after the last one.
    package var isTroubled: Bool
    /// The last success, to the loop's round; nil without one.
    package var lastSuccess: Timestamp?
    /// The last failure; nil without one.
    package var lastFault: WatchedFault?
    /// The time until which it is not used; nil where it may be.
    package var restsUntil: Timestamp?
}
