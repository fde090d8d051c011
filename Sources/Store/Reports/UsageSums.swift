import Bytes
import Foundation
import GRDB
import Policy

/// Adds totals up into the rows of a report.
struct UsageSums {
    private typealias Value = ReportRows.Value

    /// Requests with the same values, apart from time, and the same model, if its energy is known.
    private struct Kind {
        /// The number of the values in `rows`.
        let values: Int
        /// The number in `models`.
        let model: Int
        /// Another kind with the same values; -1 for none.
        let next: Int
    }

    /// The requests of one kind and one time, which are all in one row. Energy is that of a model's tokens together.
    private struct Cell {
        let row: Int
        let model: Int
        var tokens: Int128 = 0
    }

    /// The kinds of a group: one for each of its tags, none if the filter leaves it out. Nearly all groups have one.
    enum Kinds {
        case none
        case one(Int)
        /// The place in `manyKinds`.
        case many(Int)
    }

    private let groupings: [UsageGrouping]
    private let filter: UsageFilter
    private let energy: EnergyTable
    private var clock: ReportClock
    private let hasTagLists: Bool
    private let hasSpeeds: Bool
    private var rows: ReportRows
    /// The models with an energy, nil for all others, and the numbers of all.
    private var models = NumberedValues<String?>()
    private var numbersOfModels: [String?: Int] = [:]
    private var kinds: [Kind] = []
    /// The last kinds by the numbers of their values. A dictionary of kinds would take longer than walks over the few models with an
    /// energy.
    private var lastKinds: [Int] = []
    private var manyKinds: [[Int]] = []
    private var kindsOfGroups = GroupTable<Kinds>()
    private var cells: [Cell] = []
    /// The cells by the numbers of their kinds.
    private var places: TimedPlaces

    /// No requests, for a report on `question`, whose filter names keys by their ids.
    init(_ question: UsageReport.Question) {
        groupings = question.groupings
        hasSpeeds = question.hasSpeeds
        hasTagLists = question.hasTagLists
        filter = question.filter
        energy = question.energy
        clock = ReportClock(question.timeZone, by: groupings)
        rows = ReportRows(groupings, clock, withSpeeds: hasSpeeds)
        places = TimedPlaces(isTimeless: clock.division == .none)
    }

    /// The coarsest detail of closed spans that has all that the report tells apart; nil where none has.
    var detail: SpanDetail? { .serving(groupings + filter.groupings, by: clock.division) }

    /// The columns of groups that `learn` needs. Energy depends on the model.
    var columns: Set<String> { Set((groupings + filter.groupings + [.model]).flatMap(\.columns)) }

    /// Returns the kinds of the group `number`; nil before `learn`.
    mutating func kinds(ofGroup number: Int64) -> Kinds? { kindsOfGroups.value(of: number) }

    /// Forgets all groups, before they are all learned.
    mutating func forgetGroups() { kindsOfGroups = GroupTable() }

    /// Keeps the members of the group `number`, which is not known.
    mutating func learn(_ group: UsageGroup, number: Int64) {
        kindsOfGroups.insert(kinds(of: group), for: number)
    }

    /// Returns the time of `quarters`, which are not empty; nil if the report divides them.
    mutating func time(of quarters: Range<Quarter>) -> Int64? {
        let time = clock.number(of: quarters.lowerBound)
        return clock.number(of: Quarter(number: quarters.upperBound.number - 1)) == time ? time : nil
    }

    /// Adds those values of a group with `kinds` in a period that are in `quarters`.
    /// - Returns: false if `entries` are not of `PeriodValues<Value>`.
    mutating func add<Value: ReportValue>(
        _: Value.Type, _ entries: UnsafeRawBufferPointer, _ kinds: Kinds, period: Int64,
        within quarters: Range<Quarter>
    ) -> Bool {
        PeriodValues<Value>.forEach(in: entries) { quarter, position in
            let quarter = Quarter(period: period, quarter: quarter)
            guard quarters.contains(quarter) else { return Value.skip(entries, at: &position) }
            return add(Value.self, entries, at: &position, kinds, time: clock.number(of: quarter))
        }
    }

    /// Adds the encoded value of a group with `kinds` at one time.
    /// - Returns: false if the bytes are not of `encode`.
    mutating func add<Value: ReportValue>(
        _: Value.Type, _ bytes: UnsafeRawBufferPointer, _ kinds: Kinds, time: Int64
    ) -> Bool {
        if case .none = kinds { return true }
        var position = 0
        return add(Value.self, bytes, at: &position, kinds, time: time) && position == bytes.count
    }

    private mutating func add<Value: ReportValue>(
        _: Value.Type, _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ kinds: Kinds, time: Int64
    ) -> Bool {
        switch kinds {
        case .none: return Value.skip(bytes, at: &position)
        case .one(let kind): return Value.add(bytes, at: &position, to: &self, at: cell(ofKind: kind, at: time))
        case .many(let place):
            var end = position
            for kind in manyKinds[place] {
                end = position
                guard Value.add(bytes, at: &end, to: &self, at: cell(ofKind: kind, at: time)) else { return false }
            }
            position = end
            return true
        }
    }

    fileprivate mutating func addTotals(_ bytes: UnsafeRawBufferPointer, at position: inout Int, to cell: Int) -> Bool {
        rows.totals[cells[cell].row].add(bytes, at: &position, tokens: &cells[cell].tokens)
    }

    fileprivate mutating func addSpeeds(_ bytes: UnsafeRawBufferPointer, at position: inout Int, to cell: Int) -> Bool {
        let row = cells[cell].row
        return SpeedCounts.forEach(in: bytes, at: &position) { place, count in rows.speeds[row].add(count, at: place) }
    }

    /// Adds one request.
    mutating func add(_ record: UsageRecord) {
        let time = clock.number(of: Quarter(of: record.startedAt))
        for kind in list(kinds(of: UsageGroup(record))) {
            let row = add(UsageTotals(record), ofKind: kind, at: time)
            if hasSpeeds { rows.speeds[row].add(record) }
        }
    }

    /// Adds a credit, which has a key, a team and a time alone.
    mutating func add(_ credit: CostCorrection) {
        let time = clock.number(of: Quarter(of: credit.at))
        for kind in list(kinds(of: UsageGroup(credit: credit))) {
            _ = add(UsageTotals(credit: credit), ofKind: kind, at: time)
        }
    }

    /// Returns the row.
    private mutating func add(_ totals: borrowing UsageTotals, ofKind kind: Int, at time: Int64) -> Int {
        let cell = cell(ofKind: kind, at: time)
        cells[cell].tokens &+= totals.tokens
        rows.totals[cells[cell].row].add(totals)
        return cells[cell].row
    }

    private mutating func cell(ofKind kind: Int, at time: Int64) -> Int {
        let (place, isNew) = places.place(of: kind, at: time)
        if isNew { cells.append(Cell(row: rows.place(of: kinds[kind].values, at: time), model: kinds[kind].model)) }
        return place
    }

    /// Returns the finished rows.
    func finished() -> ReportRows {
        var rows = rows
        for cell in cells {
            let energy = energy.milliwattHours(model: models[cell.model], tokens: Int64(clamping: cell.tokens))
            rows.milliwattHours[cell.row] = rows.milliwattHours[cell.row].addingSaturated(energy)
        }
        return rows
    }

    private mutating func kinds(of group: UsageGroup) -> Kinds {
        guard filter.admits(group) else { return .none }
        guard groupings.contains(.tag), !hasTagLists else { return .one(kind(of: group, tag: group.tags)) }
        let tags = filter.admittedTags(of: group)
        if tags.count == 1 { return .one(kind(of: group, tag: tags[0])) }
        manyKinds.append(tags.map { kind(of: group, tag: $0) })
        return .many(manyKinds.count - 1)
    }

    private func list(_ kinds: Kinds) -> [Int] {
        switch kinds {
        case .none: []
        case .one(let kind): [kind]
        case .many(let place): manyKinds[place]
        }
    }

    private mutating func kind(of group: UsageGroup, tag: String?) -> Int {
        let values =
            groupings.count == 1
            ? .one(value(groupings[0], of: group, tag: tag))
            : ReportRows.Values.many(groupings.map { value($0, of: group, tag: tag) })
        let number = rows.number(of: values)
        if number == lastKinds.count { lastKinds.append(-1) }
        let model = self.number(ofModel: group.model)
        var kind = lastKinds[number]
        while kind >= 0, kinds[kind].model != model { kind = kinds[kind].next }
        if kind >= 0 { return kind }
        kinds.append(Kind(values: number, model: model, next: lastKinds[number]))
        lastKinds[number] = kinds.count - 1
        return kinds.count - 1
    }

    private mutating func number(ofModel model: String?) -> Int {
        if let known = numbersOfModels[model] { return known }
        let number = models.number(of: model.flatMap { energy.nanowattHoursPerToken(of: $0) == nil ? nil : $0 })
        numbersOfModels[model] = number
        return number
    }

    private func value(_ grouping: UsageGrouping, of group: UsageGroup, tag: String?) -> Value {
        switch grouping {
        case .key: .text(group.keyID)
        case .team: group.team.map(Value.text) ?? .none
        case .model: group.model.map(Value.text) ?? .none
        case .endpoint: .text(group.endpoint)
        case .user: group.user.map(Value.text) ?? .none
        case .tag: tag.flatMap { $0.isEmpty ? nil : $0 }.map(Value.text) ?? .none
        case .status: group.status == 0 ? .none : .number(group.status)
        case .ending: (group.ending?.rawValue).map(Value.text) ?? .none
        case .cause: (group.cause?.rawValue).map(Value.text) ?? .none
        case .limit: (group.refusedBy?.description).map(Value.text) ?? .none
        case .hour, .day, .month: .none
        }
    }
}

/// A value that reports add up: totals, or speeds beside them.
protocol ReportValue: QuarterValue {
    /// Adds an encoded value at `position`, which moves past it, to the sum at the place `sum`.
    /// - Returns: false if the bytes are not of `encode`.
    static func add(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, to sums: inout UsageSums, at sum: Int
    ) -> Bool
}

extension UsageTotals: ReportValue {
    static func add(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, to sums: inout UsageSums, at sum: Int
    ) -> Bool {
        sums.addTotals(bytes, at: &position, to: sum)
    }
}

extension SpeedCounts: ReportValue {
    static func add(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, to sums: inout UsageSums, at sum: Int
    ) -> Bool {
        sums.addSpeeds(bytes, at: &position, to: sum)
    }
}
