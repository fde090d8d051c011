import Clocks

/// Deadlines of a response of which nothing comes for a while.
///
/// The first byte of the body, or a stream's first event, is due by the first-byte deadline; later silence ends with the idle
/// timeout. Comments of the upstream are no events: they keep a stream from being idle, but its first event is due all the same. A
/// silent stream gets a comment in every `keepalive`, so that proxies in front of the gateway do not cut it. A client that has
/// closed its sending half is probed, unless a write to it comes first: either tells whether it is still there.
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

    /// The action that a passed deadline asks for.
    enum Due: Equatable {
        case timeout, head, keepalive, probe
    }

    /// The longest time for which a stream's head is held.
    static let headHold = Duration.seconds(1)

    /// The time at which a stream's head leaves at the latest.
    let headDue: MonotonicTime
    /// True where bytes were sent to the client since the silence began.
    var hasSent = false
    private let firstByteDeadline: MonotonicTime
    private let times: Times
    private var lastReceived: MonotonicTime
    private var lastSent: MonotonicTime
    /// The time at which the client is to be probed.
    private var probeDue = MonotonicTime.never

    /// The configured times, in nanoseconds. A `Duration` costs too much for each event.
    struct Times: Sendable {
        /// The longest silence.
        let idle: UInt64
        /// The silence after which a comment is sent; `.max` for none.
        let keepalive: UInt64
        /// The shorter of the two.
        let shortest: UInt64

        init(idle: Duration, keepalive: Duration) {
            let zero = MonotonicTime(nanoseconds: 0)
            self.idle = (zero + idle).nanoseconds
            self.keepalive = keepalive > .zero ? (zero + keepalive).nanoseconds : .max
            shortest = min(self.idle, self.keepalive)
        }
    }

    /// - Parameter now: the time at which the upstream's head came.
    init(since now: MonotonicTime, firstByteDeadline: MonotonicTime, _ times: Times) {
        headDue = now + Self.headHold
        self.firstByteDeadline = firstByteDeadline
        self.times = times
        lastReceived = now
        lastSent = now
    }

    /// Notes the time of the last bytes from the upstream, and of those that were sent on with them.
    mutating func begins(at now: MonotonicTime) {
        lastReceived = now
        if hasSent { sent(at: now) }
    }

    /// Notes that bytes were sent to the client, or that none can be.
    mutating func sent(at now: MonotonicTime) {
        lastSent = now
        hasSent = false
        probeDue = .never
    }

    /// Asks for a probe of the client, which has closed its sending half, at `due`.
    mutating func probe(at due: MonotonicTime) { probeDue = due }

    /// The time before which nothing is due of a stream whose first event has passed. Cheap, for each of its events.
    var nextLook: MonotonicTime { min(lastSent.after(nanoseconds: times.shortest), probeDue) }

    /// The next time at which something is due.
    func nextDue(_ state: State) -> MonotonicTime {
        let timeout = timeoutDue(state)
        switch state {
        // The head of a stream leaves soon, and tells as much as a probe.
        case .headHeld: return min(timeout, headDue)
        case .documentAwaited, .document: return min(timeout, probeDue)
        case .streaming(_, takesComments: false): return timeout
        case .streaming(_, takesComments: true):
            return min(timeout, probeDue, lastSent.after(nanoseconds: times.keepalive))
        }
    }

    /// The action that is due at `now`; nil for none.
    func due(_ state: State, at now: MonotonicTime) -> Due? {
        if now >= timeoutDue(state) { return .timeout }
        guard now >= nextDue(state) else { return nil }
        if case .headHeld = state { return .head }
        return now >= probeDue ? .probe : .keepalive
    }

    private func timeoutDue(_ state: State) -> MonotonicTime {
        switch state {
        case .documentAwaited, .headHeld(hasEvent: false), .streaming(hasEvent: false, _): firstByteDeadline
        case .document, .headHeld(hasEvent: true), .streaming(hasEvent: true, _):
            lastReceived.after(nanoseconds: times.idle)
        }
    }
}
