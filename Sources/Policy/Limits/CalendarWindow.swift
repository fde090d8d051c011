/// What was used of one allowance in the current window, and what requests under way hold of it.
struct Allowance: Sendable {
    /// What requests that are over used.
    var used: Int64 = 0
    /// The most that requests under way can still use.
    var reserved: Int64 = 0
    /// The highest percentage that was told of in this window.
    var alertedAt = 0

    /// What nobody else can have.
    var taken: Int64 { used.addingWithinBounds(reserved) }
}

/// An hour, a day or a month of one scope.
///
/// A request belongs to the window in which it was admitted, whenever it ends, as it does in reports. So a new window begins with
/// nothing used and nothing reserved, and the moment at which an allowance is whole again is known exactly.
struct CalendarWindow: Sendable {
    /// Which window it is: see `CurrentWindows`.
    private(set) var number = 0
    /// Output tokens.
    private(set) var output = Allowance()
    /// Nano-euros.
    private(set) var cost = Allowance()

    /// Begins anew where `current` is another window.
    mutating func enter(_ current: Int) {
        if number != current { self = CalendarWindow(number: current) }
    }

    private init(number: Int) { self.number = number }
    init() {}

    /// Holds `amounts` for a request that was admitted in the window `number`.
    mutating func reserve(_ amounts: LimitAmounts, madeIn number: Int) {
        guard self.number == number else { return }
        output.reserved += amounts.outputTokens
        cost.reserved += amounts.cost
    }

    /// Replaces a reservation that was made in the window `number` by what was used.
    mutating func settle(_ held: LimitAmounts, used: LimitAmounts, madeIn number: Int) {
        guard self.number == number else { return }
        output.reserved -= held.outputTokens
        cost.reserved -= held.cost
        add(used)
    }

    /// Adds what was used without a reservation.
    mutating func add(_ used: LimitAmounts) {
        output.used = output.used.addingWithinBounds(used.outputTokens)
        cost.used = cost.used.addingWithinBounds(used.cost)
    }

    /// Tells the percentages of `thresholds` that the output tokens have reached, and remembers that it did.
    mutating func outputAlert(limit: Int64, thresholds: [Int]) -> Int? { Self.alert(&output, limit, thresholds) }
    /// Tells the highest of `thresholds` that the cost has newly reached.
    mutating func costAlert(limit: Int64, thresholds: [Int]) -> Int? { Self.alert(&cost, limit, thresholds) }

    private static func alert(_ allowance: inout Allowance, _ limit: Int64, _ thresholds: [Int]) -> Int? {
        let used = allowance.used
        guard let reached = thresholds.last(where: { limit.isReached(by: used, percent: $0) }),
            reached > allowance.alertedAt
        else { return nil }
        allowance.alertedAt = reached
        return reached
    }
}

extension Int64 {
    /// Whether `used` is at least `percent` of this limit, without rounding.
    fileprivate func isReached(by used: Int64, percent: Int) -> Bool {
        let left = used.multipliedFullWidth(by: 100)
        let right = multipliedFullWidth(by: Int64(percent))
        return left.high != right.high ? left.high > right.high : left.low >= right.low
    }
}

/// The hour, the day and the month that it is, for all scopes.
///
/// They are numbered, and only go on: a clock that is set back opens no window again, so that nothing used is forgotten. A clock
/// that was ahead for a while leaves the window that it opened in place until its end.
struct CurrentWindows: Sendable {
    /// A window: its number and its seconds.
    struct Window: Sendable, Equatable {
        var number = 0
        var seconds: Range<Int64> = 0..<0
    }

    private(set) var hour = Window()
    private(set) var day = Window()
    private(set) var month = Window()

    /// The numbers of all three.
    var numbers: Numbers { Numbers(hour: hour.number, day: day.number, month: month.number) }

    /// Which windows a request belongs to.
    struct Numbers: Sendable, Equatable {
        var hour: Int
        var day: Int
        var month: Int
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
