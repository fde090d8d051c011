import GRDB

/// A span that a report could use.
struct SpanPlan {
    let detail: SpanDetail
    let quarters: Range<Quarter>

    /// The spans of a day and its hours.
    static func ofDay(_ day: Range<Quarter>, hours: [Range<Quarter>]) -> [SpanPlan] {
        ofDays(day) + hours.map { SpanPlan(detail: .operation, quarters: $0) }
    }

    /// The spans of one or more days.
    static func ofDays(_ days: Range<Quarter>) -> [SpanPlan] {
        [SpanPlan(detail: .groups, quarters: days), SpanPlan(detail: .shared, quarters: days)]
    }

    /// Is true if the span is not there.
    func isMissing(in database: Database) throws -> Bool {
        try !ClosedSpanTable.spans(detail, in: quarters, of: database).contains { $0.quarters == quarters }
    }

    /// The values of the span in the present transaction, from shorter spans and from periods.
    func values(_ groups: inout SpanGroups, in database: Database) throws -> [PackedSpan] {
        let cover = ClosedSpan.Cover(quarters, with: try ClosedSpanTable.spans(detail, in: quarters, of: database))
        // Spans are read part by part, since a month may have a million groups; periods have no parts.
        let parts: [Int64?] = cover.rest.isEmpty ? try ClosedSpanTable.parts(of: cover.spans, in: database) : [nil]
        return try parts.flatMap { part in
            try values(UsageTotals.self, cover, part, &groups, in: database)
                + values(SpeedCounts.self, cover, part, &groups, in: database)
        }
    }

    private func values<Value: QuarterValue>(
        _: Value.Type, _ cover: ClosedSpan.Cover, _ part: Int64?, _ groups: inout SpanGroups, in database: Database
    ) throws -> [PackedSpan] {
        var sums = SpanSums<Value>(detail)
        for span in cover.spans {
            try TotalsReader<Value>.forEachValue(in: span, part: part, of: database) { group, value in
                var position = 0
                return try sums.change(group, &groups) { $0.add(value, at: &position) } && position == value.count
            }
        }
        for quarters in cover.rest {
            try TotalsReader<Value>.forEachPeriod(of: quarters, in: database) { period, group, entries in
                try PeriodValues<Value>.forEach(in: entries) { quarter, position in
                    guard quarters.contains(Quarter(period: period, quarter: quarter)) else {
                        return Value.skip(entries, at: &position)
                    }
                    return try sums.change(group, &groups) { $0.add(entries, at: &position) }
                }
            }
        }
        return sums.packed
    }
}

/// Values by groups, or each by one of the groups that share the members of a detail.
private struct SpanSums<Value: QuarterValue> {
    private let detail: SpanDetail
    private var values: [Int64: Value] = [:]
    /// One group with values for each of the shared members, by their numbers.
    private var examples: [Int: Int64] = [:]

    init(_ detail: SpanDetail) { self.detail = detail }

    mutating func change(_ group: Int64, _ groups: inout SpanGroups, _ body: (inout Value) -> Bool) throws -> Bool {
        guard detail != .groups else { return body(&values[group, default: Value()]) }
        let members = try groups.members(of: group)
        let example = examples[members] ?? group
        examples[members] = example
        return body(&values[example, default: Value()])
    }

    var packed: [PackedSpan] {
        Dictionary(grouping: values) { ClosedSpanTable.part(ofGroup: $0.key) }.map { part, values in
            PackedSpan(Dictionary(uniqueKeysWithValues: values), part: part)
        }
    }
}
