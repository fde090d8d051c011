import GRDB
import Policy

/// Puts the rows of a report together from those of its query, which are finer: by model, and by day where months are
/// asked for.
struct UsageSums {
    /// A value to group by, in the form that sorts rightly.
    private enum Value: Hashable, Comparable {
        case none
        case number(Int64)
        case text(String)
    }

    private let query: UsageQuery
    private let energy: EnergyTable
    private var sums: [[Value]: UsageRow] = [:]
    /// Input and output tokens by model. Energy is worked out from these at the end: what is rounded then is a sum, not
    /// each of its parts.
    private var tokens: [[Value]: [String: Int64]] = [:]

    init(query: UsageQuery, energy: EnergyTable) {
        self.query = query
        self.energy = energy
        if query.groupings.isEmpty { sums[[]] = UsageRow(groups: []) }
    }

    /// Adds a row of the query.
    mutating func add(_ row: Row) {
        let values = query.groupings.enumerated().map { value(row, at: $0, of: $1) }
        let counts = values.count + 1
        var addend = UsageRow(groups: [])
        addend.units.inputTokens = Self.sum(row, quantity: 0, after: counts)
        addend.units.outputTokens = Self.sum(row, quantity: 1, after: counts)
        addend.units.reasoningTokens = Self.sum(row, quantity: 2, after: counts)
        addend.units.cachedTokens = Self.sum(row, quantity: 3, after: counts)
        addend.units.audioMinutes = Self.sum(row, quantity: 4, after: counts)
        addend.units.characters = Self.sum(row, quantity: 5, after: counts)
        addend.units.images = Self.sum(row, quantity: 6, after: counts)
        addend.units.searchUnits = Self.sum(row, quantity: 7, after: counts)
        addend.cost = NanoEuros(Self.sum(row, quantity: 8, after: counts))
        addend.requests = row[counts]
        addend.estimatedRequests = row[counts + 1]
        addend.errors = row[counts + 2]
        sums[values, default: UsageRow(groups: [])].add(addend)
        if let model = row[values.count] as String? {
            let ofModel = tokens[values]?[model] ?? 0
            tokens[values, default: [:]][model] =
                ofModel.addingSaturated(addend.units.inputTokens).addingSaturated(addend.units.outputTokens)
        }
    }

    /// The finished rows, in the order of their groups' values: times and numbers ascending, text by its characters, none first.
    func rows(keyNames: [String: String]) -> [UsageRow] {
        sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, row in
            var row = row
            row.groups = zip(query.groupings, values).map { UsageRow.Group($0, text(of: $1, as: $0)) }
            row.milliwattHours = (tokens[values] ?? [:]).reduce(0) { sum, model in
                sum.addingSaturated(energy.milliwattHours(model: model.key, tokens: model.value))
            }
            row.keyName = row[.key].flatMap { keyNames[$0] }
            return row
        }
    }

    private func value(_ row: Row, at index: Int, of grouping: UsageGrouping) -> Value {
        switch grouping {
        case .key, .team, .model, .endpoint, .user: (row[index] as String?).map(Value.text) ?? .none
        case .status, .hour, .day: .number(row[index])
        case .month: .number(CalendarText.firstDayOfMonth(ofDay: row[index]))
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

    private static func sum(_ row: Row, quantity: Int, after counts: Int) -> Int64 {
        let upper: Int64 = row[counts + 3 + 2 * quantity]
        let lower: Int64 = row[counts + 4 + 2 * quantity]
        return Int64(clamping: Int128(upper) << 32 + Int128(lower))
    }
}
