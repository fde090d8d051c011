import Bytes
import Clocks

/// Refusals that were reported: once for each key, limit and window, so that a flood of refusals is one event.
///
/// A limit without a window of the calendar is reported once an hour.
package struct RefusalNotices: Sendable {
    private struct Subject: Hashable {
        let keyID: String
        let kind: LimitKind
        let scope: LimitScope
        let part: LimitPart?
    }

    /// The most subjects in memory. Beyond it, those whose window has ended are forgotten, or else all.
    static let capacity = 10_000
    /// Seconds between two events about a limit without a window.
    static let pause: Int64 = 3600

    /// The ends of the windows in which each was reported, in seconds since 1970.
    private var reported: [Subject: Int64] = [:]

    /// No refusal was reported yet.
    package init() {}

    /// Notes a refusal of the key `keyID`. Returns true where it is to be reported.
    ///
    /// - Parameter window: the limit's current window, in seconds since 1970; nil without one.
    package mutating func isNew(
        _ refusal: LimitRefusal, of keyID: String, in window: @autoclosure () -> Range<Int64>?, at now: Timestamp
    ) -> Bool {
        let subject = Subject(keyID: keyID, kind: refusal.kind, scope: refusal.scope, part: refusal.part)
        if let end = reported[subject], now.seconds < end { return false }
        if reported.count >= Self.capacity {
            reported = reported.filter { now.seconds < $0.value }
            if reported.count >= Self.capacity { reported.removeAll() }
        }
        reported[subject] = window()?.upperBound ?? now.seconds.addingSaturated(Self.pause)
        return true
    }
}
