import Bytes
import Policy

/// The rows of a report: sums by the values of its groupings and by time.
///
/// A report by key may have a hundred thousand rows, of which twenty are shown. So rows are ordered by their numbers, and only those that
/// are shown get texts.
struct ReportRows {
    /// A value to group by, in a form that sorts correctly.
    enum Value: Hashable, Comparable {
        case none
        case number(Int64)
        case text(String)
    }

    /// The values of the groupings of one row, `none` for times. Most reports have one grouping, for which an array would be dear.
    enum Values: Hashable {
        case one(Value)
        case many([Value])

        subscript(index: Int) -> Value {
            switch self {
            case .one(let value): value
            case .many(let values): values[index]
            }
        }
    }

    private let groupings: [UsageGrouping]
    private let clock: ReportClock
    private var values = NumberedValues<Values>()
    /// The rows by the numbers of their values.
    private var places: TimedPlaces
    var totals: [UsageTotals] = []
    var milliwattHours: [Int64] = []
    /// One for each row in a report with speeds, else none.
    var speeds: [SpeedHistogram] = []
    private let hasSpeeds: Bool

    /// No rows; without groupings the one of no requests.
    init(_ groupings: [UsageGrouping], _ clock: ReportClock, withSpeeds hasSpeeds: Bool) {
        self.groupings = groupings
        self.clock = clock
        self.hasSpeeds = hasSpeeds
        places = TimedPlaces(isTimeless: clock.division == .none)
        if groupings.isEmpty { _ = place(of: number(of: .many([])), at: 0) }
    }

    /// The number of the values `values`.
    mutating func number(of values: Values) -> Int { self.values.number(of: values) }

    /// The place of the row with the values number `values` at `time`, of zeros if it is new.
    mutating func place(of values: Int, at time: Int64) -> Int {
        let (place, isNew) = places.place(of: values, at: time)
        guard isNew else { return place }
        totals.append(UsageTotals())
        milliwattHours.append(0)
        if hasSpeeds { speeds.append(SpeedHistogram()) }
        return place
    }

    /// The first `limit` rows in `order`, and the sum of the others; all without a limit. Rows with equal amounts come in the order of
    /// their groups' values: times and numbers ascending, text by its characters, none first.
    func ranked(_ order: UsageOrder, limit: Int?) -> RankedUsage {
        let amounts = totals.indices.map { order.amount(totals[$0], milliwattHours: milliwattHours[$0]) }
        let places = totals.indices.sorted {
            amounts[$0] != amounts[$1] ? amounts[$0] > amounts[$1] : precedes($0, $1)
        }
        let shown = places.prefix(limit ?? places.count)
        let others = places.dropFirst(shown.count)
        return RankedUsage(rows: shown.map(row), others: (others.count, sum(of: others)))
    }

    private func sum(of places: ArraySlice<Int>) -> UsageRow {
        var sum = UsageTotals()
        var milliwattHours: Int64 = 0
        for place in places {
            sum.add(totals[place])
            milliwattHours = milliwattHours.addingSaturated(self.milliwattHours[place])
        }
        var row = sum.row
        row.milliwattHours = milliwattHours
        if hasSpeeds { row.speeds = places.reduce(SpeedHistogram()) { $0.adding(speeds[$1]) } }
        return row
    }

    private func row(_ place: Int) -> UsageRow {
        var row = totals[place].row
        row.milliwattHours = milliwattHours[place]
        row.speeds = hasSpeeds ? speeds[place] : nil
        row.groups = groupings.indices.map { index in
            UsageRow.Group(groupings[index], text(of: value(index, of: places.addresses[place]), as: groupings[index]))
        }
        return row
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (places.addresses[left], places.addresses[right])
        for index in groupings.indices {
            let values = (value(index, of: left), value(index, of: right))
            if values.0 != values.1 { return values.0 < values.1 }
        }
        return false
    }

    private func value(_ index: Int, of address: TimedPlaces.Address) -> Value {
        switch groupings[index] {
        case .key, .team, .model, .endpoint, .user, .tag, .status, .ending, .cause, .limit:
            values[address.number][index]
        case .hour: .number(address.time)
        case .day: .number(clock.day(ofNumber: address.time))
        case .month: .number(CalendarText.firstDayOfMonth(ofDay: clock.day(ofNumber: address.time)))
        }
    }

    private func text(of value: Value, as grouping: UsageGrouping) -> String? {
        switch (value, grouping) {
        case (.none, _): nil
        case (.text(let text), _): text
        case (.number(let number), .hour): CalendarText.hour(LocalHour(number))
        case (.number(let day), .day): CalendarText.day(day)
        case (.number(let day), .month): CalendarText.month(ofDay: day)
        case (.number(let number), _): String(number)
        }
    }
}
