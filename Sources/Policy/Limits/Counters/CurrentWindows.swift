import Bytes
import Clocks

/// The current window of each kind, for all scopes.
///
/// Time passes forward, from window to window. Only a step of the wall clock leads back, or to any other window.
struct CurrentWindows: Sendable {
    /// The number of the window of each limit of the calendar: the minutes from 1970 to its start. So a window has its number
    /// however often the clock comes back to it.
    typealias Numbers = PerWindowKind<Int32>

    /// The numbers of the current windows; 0 before the first call of `advance`.
    private(set) var numbers = Numbers(repeating: 0)
    private var spans = PerWindow<Range<Int64>>(repeating: .min ..< .min)
    /// The first end among the current windows, in seconds since 1970. All later time belongs to windows to come.
    private(set) var firstEnd = Int64.min

    /// Returns true where `made` are the current windows.
    func areCurrent(_ made: Numbers) -> Bool {
        let made = made.span
        let current = numbers.span
        for slot in current.indices where made[slot] != current[slot] { return false }
        return true
    }

    /// The second since 1970 at which the last of the windows numbered `numbers` began.
    static func start(of numbers: Numbers) -> Int64 {
        var start = Int32.min
        for slot in numbers.indices { start = max(start, numbers[slot]) }
        return Int64(start).multipliedSaturated(by: 60)
    }

    /// The seconds since 1970 of the current window.
    func seconds(of window: LimitWindow) -> Range<Int64> { spans[window.rawValue] }

    /// The same for reports; nil for all time.
    func reportedSeconds(of window: LimitWindow) -> Range<Int64>? { window.ends ? seconds(of: window) : nil }

    /// The seconds since 1970 of the window at `second`: the current one where it contains `second`.
    func seconds(of window: LimitWindow, at second: Int64, in zone: ZoneOffsets) -> Range<Int64> {
        let current = spans[window.rawValue]
        return current.contains(second) ? current : window.seconds(at: second, in: zone)
    }

    /// Microseconds from `now` to the end of the window; 0 after its end.
    func wait(for window: LimitWindow, at now: Timestamp) -> Int64 {
        let end = spans.span[window.rawValue].upperBound.multipliedSaturated(by: 1_000_000)
        return max(0, end.subtractingSaturated(now.microseconds))
    }

    /// Returns true where a window has ended at `now`.
    func haveEnded(at now: Timestamp) -> Bool { now.seconds >= firstEnd }

    /// Opens the windows at `now` where the current ones have ended. Returns those.
    mutating func advance(to now: Timestamp, in zone: ZoneOffsets) -> [LimitWindow] {
        enter(now.seconds, zone) { now.seconds >= $0.upperBound }
    }

    /// Goes to the windows at `now` after a step of the clock. Returns those that were not current.
    mutating func step(to now: Timestamp, in zone: ZoneOffsets) -> [LimitWindow] {
        enter(now.seconds, zone) { !$0.contains(now.seconds) }
    }

    /// Takes the boundaries of another zone. The windows and their usage stay; they end where those of `zone` end.
    mutating func adopt(_ zone: ZoneOffsets, at now: Timestamp) {
        guard firstEnd != .min else { return }
        for window in LimitWindow.allCases { spans[window.rawValue] = window.seconds(at: now.seconds, in: zone) }
        findFirstEnd()
    }

    private mutating func enter(
        _ second: Int64, _ zone: ZoneOffsets, where isOver: (Range<Int64>) -> Bool
    ) -> [LimitWindow] {
        let entered = LimitWindow.allCases.filter { isOver(spans[$0.rawValue]) }
        for window in entered {
            let span = window.seconds(at: second, in: zone)
            spans[window.rawValue] = span
            let number = Int32(clamping: span.lowerBound.flooredQuotient(by: 60))
            for slot in numbers.indices where LimitKind.windowKinds[slot].window == window { numbers[slot] = number }
        }
        findFirstEnd()
        return entered
    }

    private mutating func findFirstEnd() {
        firstEnd = .max
        for index in spans.indices { firstEnd = min(firstEnd, spans[index].upperBound) }
    }
}
