import Bytes
import Clocks

/// A state that lasts, such as an upstream out of reach: its beginning and its end are events, and the failures in between are
/// counted. A state that comes and goes is one: it ends with the first success that is `calm` after the last failure.
package struct LastingState: Sendable {
    /// The time without a failure after which a success ends the state.
    package static let calm = Duration.seconds(10)

    private var lastFailure: MonotonicTime?
    private var failures: Int64 = 0

    /// No failure yet.
    package init() {}

    /// True between its beginning and its end.
    package var isOn: Bool { failures > 0 }

    /// Notes a failure at `now`. Returns true where the state begins with it.
    package mutating func failed(at now: MonotonicTime) -> Bool {
        lastFailure = now
        failures = failures.addingSaturated(1)
        return failures == 1
    }

    /// Notes a success at `now`. Returns the number of failures where the state ends with it.
    package mutating func succeeded(at now: MonotonicTime) -> Int64? {
        guard let lastFailure, now - lastFailure >= Self.calm else { return nil }
        defer { self = LastingState() }
        return failures
    }
}
