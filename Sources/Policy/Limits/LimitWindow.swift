/// A window of the calendar, in the configured time zone, or all time. Each one begins with nothing used.
///
/// The raw value is the place in a `PerWindow`.
package enum LimitWindow: Int, Sendable, Hashable, CaseIterable {
    case hour
    case day
    /// From Monday on.
    case week
    case month
    /// All time: it never ends, and nothing used in it is forgotten.
    case total

    /// The end of a limit in words.
    var words: String {
        switch self {
        case .hour: "an hour"
        case .day: "a day"
        case .week: "a week"
        case .month: "a month"
        case .total: "in total"
        }
    }

    /// False where the window is all time.
    package var ends: Bool { self != .total }

    /// Returns true where every window of this kind is within one of `longer`.
    package func isPart(of longer: LimitWindow) -> Bool {
        rawValue < longer.rawValue && !(self == .week && longer == .month)
    }

    /// The window of this kind that contains `second`, in seconds since 1970.
    func seconds(at second: Int64, in zone: ZoneOffsets) -> Range<Int64> {
        switch self {
        case .hour: zone.hour(at: second)
        case .day: zone.day(at: second)
        case .week: zone.week(at: second)
        case .month: zone.month(at: second)
        case .total: .min ..< .max
        }
    }
}

/// A value for each kind of window.
typealias PerWindow<Value> = InlineArray<5, Value>
