import Clocks

/// Deadlines of a response of which nothing comes for a while.
///
/// The first byte of the body, or a stream's first event, is due by the first-byte deadline; later silence ends with the idle
/// timeout. Comments of the upstream are no events: they keep a stream from being idle, but its first event is due all the same. A
/// silent stream gets a comment in every `keepalive`, so that proxies in front of the gateway do not cut it.
struct StreamSilence {
    /// The place of the response.
    enum State {
        /// A body without events, of which nothing has come.
        case documentAwaited
        case document
        /// A stream whose head is held for who answered.
        case headHeld(hasEvent: Bool)
        /// A stream whose head has left. It takes no comment within an event, or after its last one.
        case streaming(hasEvent: Bool, takesComments: Bool)
    }

    /// What is to be done when a deadline has passed.
    enum Due: Equatable {
        case timeout, head, keepalive
    }

    /// The longest time for which a stream's head is held.
    static let headHold = Duration.seconds(1)

    /// The time at which a stream's head leaves at the latest.
    let headDue: MonotonicTime
    /// True where bytes were sent to the client since the silence began.
    var hasSent = false
    private let firstByteDeadline: MonotonicTime
    private let keepalive: Duration
    private var lastReceived: MonotonicTime
    private var lastSent: MonotonicTime

    /// - Parameters:
    ///   - now: the time at which the upstream's head came.
    ///   - keepalive: the time after which a comment is sent; zero for none.
    init(since now: MonotonicTime, firstByteDeadline: MonotonicTime, keepalive: Duration) {
        headDue = now + Self.headHold
        self.firstByteDeadline = firstByteDeadline
        self.keepalive = keepalive
        lastReceived = now
        lastSent = now
    }

    /// Notes the time of the last bytes from the upstream, and of those that were sent on with them.
    mutating func begins(at now: MonotonicTime) {
        lastReceived = now
        if hasSent { sent(at: now) }
    }

    /// Notes that bytes were sent to the client.
    mutating func sent(at now: MonotonicTime) {
        lastSent = now
        hasSent = false
    }

    /// The next time at which something is due.
    func nextDue(_ state: State, idleTimeout: Duration) -> MonotonicTime {
        let timeout = timeoutDue(state, idleTimeout: idleTimeout)
        switch state {
        case .documentAwaited, .document: return timeout
        case .headHeld: return min(timeout, headDue)
        case .streaming(_, let takesComments):
            return takesComments && keepalive > .zero ? min(timeout, lastSent + keepalive) : timeout
        }
    }

    /// What is due at `now`; nil where nothing is.
    func due(_ state: State, at now: MonotonicTime, idleTimeout: Duration) -> Due? {
        if now >= timeoutDue(state, idleTimeout: idleTimeout) { return .timeout }
        guard now >= nextDue(state, idleTimeout: idleTimeout) else { return nil }
        if case .headHeld = state { return .head }
        return .keepalive
    }

    private func timeoutDue(_ state: State, idleTimeout: Duration) -> MonotonicTime {
        switch state {
        case .documentAwaited, .headHeld(hasEvent: false), .streaming(hasEvent: false, _): firstByteDeadline
        case .document, .headHeld(hasEvent: true), .streaming(hasEvent: true, _): lastReceived + idleTimeout
        }
    }
}
