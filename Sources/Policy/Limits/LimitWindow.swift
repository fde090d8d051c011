/// A window of the calendar, in the configured time zone. Each one begins with nothing used.
///
/// The raw value is the place in a `PerWindow`.
package enum LimitWindow: Int, Sendable, Hashable, CaseIterable {
    case hour
    case day
    case month

    /// The end of a limit in words.
    var words: String {
        switch self {
        case .hour: "an hour"
        case .day: "a day"
        case .month: "a month"
        }
    }

    /// The window of this kind that contains `second`, in seconds since 1970.
    func seconds(at second: Int64, in zone: ZoneOffsets) -> Range<Int64> {
        switch self {
        case .hour: zone.hour(at: second)
        case .day: zone.day(at: second)
        case .month: zone.month(at: second)
        }
    }
}

/// A value for each kind of window.
typealias PerWindow<Value> = InlineArray<3, Value>
