import Clocks

/// State of something that may fail for a while, such as an address or an upstream: after some failures in a row it is
/// left alone for a pause that grows, and then one probe decides.
///
/// ```
/// closed ─▶ failures in a row ─▶ open ─▶ pause over, mayTry ─▶ halfOpen ─▶ success ─▶ closed
///                                 ▲                                 └──▶ failure ─▶ open, longer
/// ```
///
/// A pure value: times and chance are arguments.
package enum CircuitBreaker: Sendable, Hashable {
    /// Numbers of a breaker.
    package struct Rules: Sendable, Hashable {
        /// Failures in a row that open it, at least one.
        package var failures = 3
        /// First pause, which doubles with each probe that fails.
        package var firstPause = Duration.seconds(1)
        package var longestPause = Duration.seconds(60)
        /// Time after which a probe without an outcome counts as given up.
        package var probeTimeout = Duration.seconds(10)

        /// The usual numbers.
        package init() {}
    }

    /// Use it. So many failures in a row came last.
    case closed(failures: Int)
    /// Leave it alone until then; `pause` is the pause without its jitter.
    case open(until: MonotonicTime, pause: Duration)
    /// One probe is under way. After `until` there may be another one.
    case halfOpen(until: MonotonicTime, pause: Duration)

    /// A breaker of something that has not failed.
    package static let initial = CircuitBreaker.closed(failures: 0)

    /// Returns true where it may be used at `now`. The first time after a pause makes the user its probe, which must
    /// report `succeeded`, `failed` or `gaveUp`.
    package mutating func mayTry(at now: MonotonicTime, _ rules: Rules) -> Bool {
        switch self {
        case .closed: return true
        case .open(let until, let pause), .halfOpen(let until, let pause):
            guard now >= until else { return false }
            self = .halfOpen(until: now + rules.probeTimeout, pause: pause)
            return true
        }
    }

    /// A use succeeded.
    package mutating func succeeded() { self = .initial }

    /// A use failed at `now`.
    ///
    /// - Parameter jitter: chance in 0..<1, which makes the pause 75 to 125 % of its length: users of one server must
    ///   not come back at the same moment.
    package mutating func failed(at now: MonotonicTime, jitter: Double, _ rules: Rules) {
        switch self {
        case .closed(let failures) where failures + 1 < rules.failures: self = .closed(failures: failures + 1)
        case .closed: open(at: now, for: rules.firstPause, jitter: jitter)
        case .halfOpen(_, let pause): open(at: now, for: min(pause * 2, rules.longestPause), jitter: jitter)
        // A use that began before it opened, or was forced, says nothing new.
        case .open: break
        }
    }

    /// A use ended without an outcome. Another probe may follow at once.
    package mutating func gaveUp(at now: MonotonicTime) {
        if case .halfOpen(_, let pause) = self { self = .open(until: now, pause: pause) }
    }

    private mutating func open(at now: MonotonicTime, for pause: Duration, jitter: Double) {
        self = .open(until: now + pause * (0.75 + 0.5 * jitter), pause: pause)
    }
}
