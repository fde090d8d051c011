import Clocks
import Synchronization

/// A request in the `AdmissionQueue`.
package final class WaitingRequest: Sendable {
    private struct State: ~Copyable {
        var reservation: Reservation?
        /// The time at which it is worth another try, if nothing ends before; nil where no time makes room.
        var nextTry: MonotonicTime?
    }

    let request: LimitedRequest
    let key: KeyRecord
    let turn: LineTurn
    /// The end of the wait.
    package let deadline: MonotonicTime
    let wake: @Sendable () -> Void
    private let state: Mutex<State>

    /// The longest time between two tries: a reload, a grant and a credit change limits without a wake-up.
    private static let longestPause = Duration.seconds(1)

    init(
        _ request: LimitedRequest, _ key: KeyRecord, _ turn: LineTurn, at now: LimitTime, wait: Duration,
        wake: @escaping @Sendable () -> Void
    ) {
        self.request = request
        self.key = key
        self.turn = turn
        self.wake = wake
        deadline = now.moment + wait
        state = Mutex(State(reservation: nil, nextTry: now.moment + Self.longestPause))
    }

    /// The time at which it is worth another try, if no other request ends before; nil where its limits cannot have room for it
    /// before its deadline.
    package var nextTry: MonotonicTime? { state.withLock { $0.nextTry } }

    /// The hold on the limits, once it was admitted. Who takes it owns it.
    package func take() -> Reservation? { state.withLock { $0.reservation.take() } }

    func hold(_ reservation: consuming Reservation) {
        var reservation = Optional(reservation)
        state.withLock { $0.reservation = reservation.take() }
    }

    /// Notes that a limit had no room.
    func refused(_ refusal: LimitRefusal, at now: LimitTime) {
        let room: MonotonicTime? =
            switch refusal.remedy {
            case .wait(let microseconds): now.moment + .microseconds(microseconds)
            // Other requests may end at any time.
            case .unknown(let pause): min(now.moment + .microseconds(pause), deadline)
            case .askForLess, .raiseLimit: nil
            }
        let nextTry = room.flatMap { $0 <= deadline ? min($0, now.moment + Self.longestPause) : nil }
        state.withLock { $0.nextTry = nextTry }
    }
}
