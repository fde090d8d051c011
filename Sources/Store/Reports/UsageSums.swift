import Bytes
import Foundation
import GRDB
import Policy

/// Adds totals up into the rows of a report.
struct UsageSums {
    /// A value to group by, in a form that sorts correctly.
    private enum Value: Hashable, Comparable {
        case none
        case number(Int64)
        case text(String)
    }

    /// Requests with the same values, apart from time, and the same model: energy depends on the model.
    private struct Kind: Hashable {
        /// One value for each grouping; `none` for a time.
        var values: [Value]
        var model: String?
    }

    /// The address of a sum: the kind and time of its requests.
    private struct Address: Hashable {
        let kind: Int
        let time: Int64
    }

    private let groupings: [UsageGrouping]
    private let filter: UsageFilter
    private var clock: ReportClock
    private var kinds: [Kind] = []
    private var numbersOfKinds: [Kind: Int] = [:]
    /// The kinds of groups: one for each of a group's tags, none for a group that the filter leaves out. Groups with the same kinds share an element.
    private var kindLists: [[Int]] = []
    private var numbersOfKindLists: [[Int]: Int] = [:]
    /// The elements of `kindLists` by groups.
    private var listsOfGroups = GroupTable<Int>()
    private var sums: [UsageTotals] = []
    /// One for each of `sums` in a report with speeds, else none.
    private var speeds: [SpeedHistogram] = []
    private let hasSpeeds: Bool
    private let hasTagLists: Bool
    private var indices: [Address: Int] = [:]
    /// The places of sums by kinds in a report without times, for which a dictionary would be asked for each total; -1 for none.
    private var placesOfKinds: [Int] = []
    private let isTimeless: Bool

    init(
        by groupings: [UsageGrouping], timeZone: TimeZone, where filter: UsageFilter, withSpeeds hasSpeeds: Bool,
        byTagLists hasTagLists: Bool
    ) {
        self.groupings = groupings
        self.hasSpeeds = hasSpeeds
        self.hasTagLists = hasTagLists
        isTimeless = !groupings.contains { $0.isOfTime }
        self.filter = filter
        clock = ReportClock(timeZone, by: groupings)
    }

    /// The columns of groups that `learn` needs. Energy depends on the model.
    var columns: Set<String> { Set((groupings + filter.groupings + [.model]).flatMap(\.columns)) }

    /// Returns the kinds of the group `number` for `add`; nil before `learn`.
    mutating func list(ofGroup number: Int64) -> Int? { listsOfGroups.value(of: number) }

    /// Keeps the members of the group `number`.
    mutating func learn(_ group: UsageGroup, number: Int64) {
        let kinds = kinds(of: group)
        let list = numbersOfKindLists[kinds] ?? kindLists.count
        if list == kindLists.count {
            kindLists.append(kinds)
            numbersOfKindLists[kinds] = list
        }
        listsOfGroups.insert(list, for: number)
    }

    /// Adds the usage of a group with the kinds `list` in those quarters of `period` that are in `quarters`.
    /// - Returns: false if `entries` are not of `PeriodTotals`.
    mutating func add(
        _ entries: UnsafeRawBufferPointer, list: Int, period: Int64, within quarters: Range<Quarter>
    ) -> Bool {
        for place in kindLists[list].indices {
            guard add(entries, kind: kindLists[list][place], period: period, within: quarters) else { return false }
        }
        return true
    }

    /// Adds the speeds of a group with the kinds `list` in those quarters of `period` that are in `quarters`.
    /// - Returns: false if `entries` are not of `PeriodValues<SpeedCounts>`.
    mutating func addSpeeds(
        _ entries: UnsafeRawBufferPointer, list: Int, period: Int64, within quarters: Range<Quarter>
    ) -> Bool {
        for kind in kindLists[list] {
            var position = 0
            while position < entries.count {
                let index = entries[position]
                guard index < Quarter.ofPeriod else { return false }
                position += 1
                let quarter = Quarter(period: period, quarter: index)
                let isWithin = quarters.contains(quarter)
                let sum = isWithin ? self.index(of: Address(kind: kind, time: clock.number(of: quarter))) : 0
                let isRead = SpeedCounts.forEach(in: entries, at: &position) { place, count in
                    if isWithin { speeds[sum].add(count, at: place) }
                }
                guard isRead else { return false }
            }
        }
        return true
    }

    private mutating func add(
        _ entries: UnsafeRawBufferPointer, kind: Int, period: Int64, within quarters: Range<Quarter>
    ) -> Bool {
        var last: (time: Int64, index: Int)?
        var position = 0
        while position < entries.count {
            let index = entries[position]
            guard index < Quarter.ofPeriod else { return false }
            position += 1
            let quarter = Quarter(period: period, quarter: index)
            guard quarters.contains(quarter) else {
                var nowhere = UsageTotals()
                guard nowhere.add(entries, at: &position) else { return false }
                continue
            }
            let time = clock.number(of: quarter)
            if last?.time != time { last = (time, self.index(of: Address(kind: kind, time: time))) }
            guard let last, sums[last.index].add(entries, at: &position) else { return false }
        }
        return true
    }

    /// Adds one request.
    mutating func add(_ record: UsageRecord) {
        let time = clock.number(of: Quarter(of: record.startedAt))
        let totals = UsageTotals(record)
        for kind in kinds(of: UsageGroup(record)) {
            let index = index(of: Address(kind: kind, time: time))
            sums[index].add(totals)
            if hasSpeeds { speeds[index].add(record) }
        }
    }

    /// Adds a credit, which has a key, a team and a time alone.
    mutating func add(_ credit: CostCorrection) {
        let time = clock.number(of: Quarter(of: credit.at))
        for kind in kinds(of: UsageGroup(credit: credit)) {
            sums[index(of: Address(kind: kind, time: time))].add(UsageTotals(credit: credit))
        }
    }

    private mutating func index(of address: Address) -> Int {
        if isTimeless {
            let known = placesOfKinds[address.kind]
            if known >= 0 { return known }
            placesOfKinds[address.kind] = sums.count
        } else if let known = indices[address] {
            return known
        }
        indices[address] = sums.count
        sums.append(UsageTotals())
        if hasSpeeds { speeds.append(SpeedHistogram()) }
        return sums.count - 1
    }

    /// Returns the finished rows in the order of their groups' values: times and numbers ascending, text by its characters, none
    /// first.
    func rows(energy: EnergyTable, keyNames: [String: String]) -> [UsageRow] {
        var totals: [[Value]: UsageTotals] = groupings.isEmpty ? [[]: UsageTotals()] : [:]
        var milliwattHours: [[Value]: Int64] = [:]
        var speeds: [[Value]: SpeedHistogram] = hasSpeeds && groupings.isEmpty ? [[]: SpeedHistogram()] : [:]
        for (address, index) in indices {
            let kind = kinds[address.kind]
            let values = values(of: kind, at: address.time)
            totals[values, default: UsageTotals()].add(sums[index])
            let ofModel = energy.milliwattHours(model: kind.model, tokens: sums[index].tokens)
            milliwattHours[values] = (milliwattHours[values] ?? 0).addingSaturated(ofModel)
            if hasSpeeds {
                let ofKind = self.speeds[index]
                speeds[values] = speeds[values].map { $0.adding(ofKind) } ?? ofKind
            }
        }
        return totals.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, totals in
            var row = totals.row
            row.groups = zip(groupings, values).map { UsageRow.Group($0, text(of: $1, as: $0)) }
            row.milliwattHours = milliwattHours[values] ?? 0
            row.speeds = speeds[values]
            row.keyName = row[.key].flatMap { keyNames[$0] }
            return row
        }
    }

    private mutating func kinds(of group: UsageGroup) -> [Int] {
        guard filter.admits(group) else { return [] }
        guard groupings.contains(.tag), !hasTagLists else { return [number(of: group, tag: group.tags)] }
        return filter.admittedTags(of: group).map { number(of: group, tag: $0.isEmpty ? nil : $0) }
    }

    private mutating func number(of group: UsageGroup, tag: String?) -> Int {
        let values = groupings.map { grouping -> Value in
            switch grouping {
            case .key: .text(group.keyID)
            case .team: group.team.map(Value.text) ?? .none
            case .model: group.model.map(Value.text) ?? .none
            case .endpoint: .text(group.endpoint)
            case .user: group.user.map(Value.text) ?? .none
            case .tag: tag.map(Value.text) ?? .none
            case .status: group.status == 0 ? .none : .number(group.status)
            case .ending: (group.ending?.rawValue).map(Value.text) ?? .none
            case .cause: (group.cause?.rawValue).map(Value.text) ?? .none
            case .limit: (group.refusedBy?.description).map(Value.text) ?? .none
            case .hour, .day, .month: .none
            }
        }
        let kind = Kind(values: values, model: group.model)
        if let known = numbersOfKinds[kind] { return known }
        kinds.append(kind)
        placesOfKinds.append(-1)
        numbersOfKinds[kind] = kinds.count - 1
        return kinds.count - 1
    }

    private func values(of kind: Kind, at time: Int64) -> [Value] {
        zip(groupings, kind.values).map { grouping, value in
            switch grouping {
            case .key, .team, .model, .endpoint, .user, .tag, .status, .ending, .cause, .limit: value
            case .hour: .number(time)
            case .day: .number(clock.day(ofNumber: time))
            case .month: .number(CalendarText.firstDayOfMonth(ofDay: clock.day(ofNumber: time)))
            }
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
