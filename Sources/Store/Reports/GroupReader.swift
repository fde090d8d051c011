import GRDB
import GRDBSQLite

/// Reads groups for a report: one by one, and all at once as soon as it is clear that there are many.
///
/// A search of a group takes five times as long as the next one of a scan. With 100,000 groups that was most of a start.
struct GroupReader {
    /// The groups that are read one by one.
    private static let singles = 500

    private let database: Database
    private var found = 0

    /// The columns of `UsageGroup`, in SQL.
    private let columns: String

    /// Reads groups of `database`, in its present transaction.
    ///
    /// - Parameter needed: the columns that are read; others are empty. A report of 300,000 groups needs few of their texts.
    init(_ database: Database, columns needed: Set<String> = Set(UsageGroup.columns)) {
        self.database = database
        columns = UsageGroup.columns.map { needed.contains($0) ? $0 : "NULL" }.joined(separator: ", ")
    }

    /// Hands the group `number` to `body`, and possibly all others with their numbers.
    /// - Throws: `PeriodTotals.damage` if there is no such group.
    mutating func read(_ number: Int64, _ body: (UsageGroup, Int64) -> Void) throws {
        found += 1
        let isScan = found > Self.singles
        // A scan comes once: afterwards only a missing group is not known.
        guard found <= Self.singles + 1 else { throw PeriodTotals.damage }
        let statement = try database.cachedStatement(
            sql: "SELECT id, \(columns) FROM usage_groups\(isScan ? "" : " WHERE id = ?")")
        try statement.setArguments(isScan ? [] : [number])
        var isThere = false
        let row = statement.sqliteStatement
        defer { sqlite3_reset(row) }
        var result = sqlite3_step(row)
        while result == SQLITE_ROW {
            let id = sqlite3_column_int64(row, 0)
            isThere = isThere || id == number
            body(UsageGroup(row, from: 1), id)
            result = sqlite3_step(row)
        }
        guard result == SQLITE_DONE else { throw database.failure(result) }
        guard isThere else { throw PeriodTotals.damage }
    }
}
