import GRDB
import GRDBSQLite

/// Reads totals or speeds by groups. Without GRDB's rows, since there may be millions.
enum TotalsReader<Value: QuarterValue> {
    /// Calls `body` for each period and group that may have values in `quarters`, by places, periods and groups.
    ///
    /// - Parameter body: gets the values of the period, as `PeriodValues` encodes them, and returns false for damaged ones.
    static func forEachPeriod(
        of quarters: Range<Quarter>, at places: [TotalsPlace] = [.rows, .archive], in database: Database,
        _ body: (_ period: Int64, _ group: Int64, _ entries: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        guard !quarters.isEmpty else { return }
        let sql = "SELECT period, group_id, entries FROM \(Value.table) WHERE place = ? AND period BETWEEN ? AND ?"
        for place in places {
            let arguments: StatementArguments = [
                place.rawValue, quarters.lowerBound.period, quarters.upperBound.period,
            ]
            try forEachRow(sql, arguments, in: database) { row in
                let period = sqlite3_column_int64(row, 0)
                return try Quarter.periods.contains(period) && body(period, sqlite3_column_int64(row, 1), bytes(row, 2))
            }
        }
    }

    /// Calls `body` for each group with values in `span`, by the groups' numbers.
    ///
    /// - Parameters:
    ///   - part: the groups; nil for all.
    ///   - body: gets a value as `QuarterValue.encode` writes it, and returns false for a damaged one.
    static func forEachValue(
        in span: ClosedSpan, part: Int64? = nil, of database: Database,
        _ body: (_ group: Int64, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let sql = """
            SELECT entries FROM usage_span_values WHERE span = ? AND measure = ? AND part BETWEEN ? AND ? ORDER BY part
            """
        try forEachRow(sql, [span.number, Value.measure, part ?? .min, part ?? .max], in: database) { row in
            try PackedSpan.forEach(in: bytes(row, 0), body)
        }
    }

    private static func bytes(_ row: OpaquePointer, _ column: CInt) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: sqlite3_column_blob(row, column), count: Int(sqlite3_column_bytes(row, column)))
    }

    /// Calls `body` for each row. It returns false for a damaged one.
    private static func forEachRow(
        _ sql: String, _ arguments: StatementArguments, in database: Database, _ body: (OpaquePointer) throws -> Bool
    ) throws {
        let statement = try database.cachedStatement(sql: sql)
        try statement.setArguments(arguments)
        try database.forEachRow(statement) { row in
            guard try body(row) else { throw PeriodTotals.damage }
        }
    }
}
