import GRDB

/// A local hour, day or month that is over, and whose totals and speeds are added up.
///
/// Whatever changes a total or a speed of one of its periods removes it (by triggers, see `Schema.closedSpans`). So a span that is there
/// equals them, and one that is not costs time alone.
struct ClosedSpan: Equatable {
    let number: Int64
    let quarters: Range<Quarter>

    /// A part of a report's time: closed spans, and the quarters between them, which periods tell.
    struct Cover {
        var spans: [ClosedSpan] = []
        var rest: [Range<Quarter>] = []

        /// Covers `quarters` with those of `spans` that do not overlap, the longest where some begin together.
        ///
        /// - Parameter spans: spans within `quarters`, by their first quarters, long ones before short ones.
        init(_ quarters: Range<Quarter>, with spans: [ClosedSpan] = []) {
            var end = quarters.lowerBound
            for span in spans where span.quarters.lowerBound >= end {
                if end < span.quarters.lowerBound { rest.append(end..<span.quarters.lowerBound) }
                self.spans.append(span)
                end = span.quarters.upperBound
            }
            if end < quarters.upperBound { rest.append(end..<quarters.upperBound) }
        }
    }
}

/// The tables of closed spans.
///
/// The values of groups are cut into parts by the groups' numbers, so that a part of a month fits in little memory.
enum ClosedSpanTable {
    /// The groups of a part.
    private static let groupsOfPart: Int64 = 8192
    /// The spans that one transaction removes: those of three days.
    private static let spansOfSlice = 80

    /// The part of the group `number`.
    static func part(ofGroup number: Int64) -> Int64 { number / groupsOfPart }

    /// The parts that `spans` have.
    static func parts(of spans: [ClosedSpan], in database: Database) throws -> [Int64] {
        let statement = try database.cachedStatement(sql: "SELECT DISTINCT part FROM usage_span_values WHERE span = ?")
        let parts = try spans.map { try Int64.fetchAll(statement, arguments: [$0.number]) }
        return Set(parts.joined()).sorted()
    }

    /// The spans of `detail` within `quarters`, by their first quarters, long ones before short ones.
    static func spans(_ detail: SpanDetail, in quarters: Range<Quarter>, of database: Database) throws -> [ClosedSpan] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT number, first_quarter, end_quarter FROM usage_spans
                    WHERE detail = ? AND is_ready AND first_quarter >= ? AND end_quarter <= ?
                    ORDER BY first_quarter, end_quarter DESC
                    """),
            arguments: [detail.rawValue, quarters.lowerBound.number, quarters.upperBound.number])
        return rows.compactMap { row in
            let (first, end) = (Quarter(number: row[1]), Quarter(number: row[2]))
            // A damaged one is left out: the periods tell the same.
            guard first < end, Quarter.periods.contains(first.period), Quarter.periods.contains(end.period) else {
                return nil
            }
            return ClosedSpan(number: row[0], quarters: first..<end)
        }
    }

    /// Announces a span that will be ready later, in the place of one that is there. A change of one of its periods until then removes it.
    /// - Returns: its number, which no other span has had.
    static func announce(_ quarters: Range<Quarter>, _ detail: SpanDetail, zone: String, in database: Database) throws
        -> Int64
    {
        try database.cachedStatement(
            sql: "DELETE FROM usage_spans WHERE detail = ? AND first_quarter = ? AND end_quarter = ?"
        ).execute(arguments: [detail.rawValue, quarters.lowerBound.number, quarters.upperBound.number])
        try database.cachedStatement(
            sql: """
                INSERT INTO usage_spans (detail, zone, first_quarter, end_quarter, is_ready) VALUES (?, ?, ?, ?, 0)
                """
        ).execute(arguments: [detail.rawValue, zone, quarters.lowerBound.number, quarters.upperBound.number])
        let number = database.lastInsertedRowID
        let insert = try database.cachedStatement(sql: "INSERT INTO usage_span_periods (period, span) VALUES (?, ?)")
        for period in quarters.lowerBound.period...Quarter(number: quarters.upperBound.number - 1).period {
            try insert.execute(arguments: [period, number])
        }
        return number
    }

    /// Makes the announced span `number` ready with the packed values of its parts. Does nothing if it is gone.
    static func finish(_ number: Int64, _ values: [PackedSpan], in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE usage_spans SET is_ready = 1 WHERE number = ?").execute(arguments: [
            number
        ])
        guard database.changesCount > 0 else { return }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO usage_span_values (span, measure, part, entries) VALUES (?, ?, ?, ?)")
        for value in values {
            try insert.execute(arguments: [number, value.measure, value.part, value.data])
        }
    }

    /// Removes some spans of zones other than `zone`, or of any without one, and announced ones that nobody has finished.
    /// - Returns: false where there are no more.
    static func removeSome(exceptOf zone: String?, in database: Database) throws -> Bool {
        try database.execute(
            sql: """
                DELETE FROM usage_spans WHERE number IN
                    (SELECT number FROM usage_spans WHERE NOT is_ready OR zone IS NOT ? LIMIT ?)
                """, arguments: [zone, spansOfSlice])
        return database.changesCount > 0
    }
}
