import Bytes
import Clocks

/// The current hour, day and month, for all scopes.
///
/// Windows are numbered, and the numbers only grow. A clock that is set back opens no window again, so no usage is forgotten.
/// A clock that was ahead for a while leaves the window that it opened in place until its end.
struct CurrentWindows: Sendable {
    /// The number of the window of each limit of the calendar.
    typealias Numbers = PerWindowKind<Int32>

    /// The numbers of the current windows; 0 before the first call of `advance`.
    private(set) var numbers = Numbers(repeating: 0)
    private var spans = PerWindow<Range<Int64>>(repeating: .min ..< .min)
    /// The first end among `spans`, in seconds since 1970.
    private var firstEnd = Int64.min
    /// The latest second seen.
    private var latest = Int64.min

    /// The seconds since 1970 of the current window.
    func seconds(of window: LimitWindow) -> Range<Int64> { spans[window.rawValue] }

    /// Microseconds from `now` to the end of the window; 0 after its end.
    func wait(for window: LimitWindow, at now: Timestamp) -> Int64 {
        let end = spans.span[window.rawValue].upperBound.multipliedSaturated(by: 1_000_000)
        return max(0, end.subtractingSaturated(now.microseconds))
    }

    /// Opens the windows at `now` where the current ones have ended.
    mutating func advance(to now: Timestamp, in zone: ZoneOffsets) {
        guard now.seconds >= firstEnd else { return }
        latest = now.seconds
        for window in LimitWindow.allCases where latest >= spans[window.rawValue].upperBound {
            for slot in numbers.indices where LimitKind.windowKinds[slot].window == window { numbers[slot] &+= 1 }
            spans[window.rawValue] = window.seconds(at: latest, in: zone)
        }
        findFirstEnd()
    }

    /// Takes the boundaries of another zone. The windows and their usage stay; they end where those of `zone` end.
    mutating func adopt(_ zone: ZoneOffsets, at now: Timestamp) {
        guard latest != .min else { return }
        latest = max(latest, now.seconds)
        for window in LimitWindow.allCases { spans[window.rawValue] = window.seconds(at: latest, in: zone) }
        findFirstEnd()
    }

    private mutating func findFirstEnd() {
        firstEnd = .max
        for index in spans.indices { firstEnd = min(firstEnd, spans[index].upperBound) }
    }
}
