import Clocks

/// The hour, the day and the month that it is, for all scopes.
///
/// They are numbered, and only go on: a clock that is set back opens no window again, so that nothing used is forgotten. A clock
/// that was ahead for a while leaves the window that it opened in place until its end.
struct CurrentWindows: Sendable {
    /// A window: its number and its seconds.
    struct Window: Sendable, Equatable {
        var number: Int32 = 0
        var seconds: Range<Int64> = 0..<0
    }

    private(set) var hour = Window()
    private(set) var day = Window()
    private(set) var month = Window()

    /// The numbers of all three.
    var numbers: Numbers { Numbers(hour: hour.number, day: day.number, month: month.number) }

    /// Which windows a request belongs to.
    struct Numbers: Sendable, Equatable {
        var hour: Int32
        var day: Int32
        var month: Int32
    }
    /// When the first of them ends, in seconds.
    private var firstEnd = Int64.min
    /// The latest second seen.
    private var latest = Int64.min

    /// Goes on to the windows at `now`.
    mutating func advance(to now: Timestamp, in zone: ZoneOffsets) {
        guard now.seconds >= firstEnd else { return }
        latest = now.seconds
        func advance(_ window: inout Window, _ seconds: Range<Int64>) {
            if latest >= window.seconds.upperBound { window = Window(number: window.number + 1, seconds: seconds) }
        }
        advance(&hour, zone.hour(at: latest))
        advance(&day, zone.day(at: latest))
        advance(&month, zone.month(at: latest))
        firstEnd = min(hour.seconds.upperBound, day.seconds.upperBound, month.seconds.upperBound)
    }

    /// Takes another zone's boundaries: the windows stay the same ones, with what was used in them, and end when those of
    /// `zone` end.
    mutating func adopt(_ zone: ZoneOffsets, at now: Timestamp) {
        guard latest != .min else { return }
        latest = max(latest, now.seconds)
        hour.seconds = zone.hour(at: latest)
        day.seconds = zone.day(at: latest)
        month.seconds = zone.month(at: latest)
        firstEnd = min(hour.seconds.upperBound, day.seconds.upperBound, month.seconds.upperBound)
    }
}
