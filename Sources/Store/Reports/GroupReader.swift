import GRDB
import GRDBSQLite

/// Reads groups for a report: one by one, and all at once as soon as it is clear that there are many.
///
/// A search of a group takes five times as long as the next one of a scan. With 100,000 groups that was most of a start.
struct GroupReader {
    /// The groups that are read one by one at least, before all are.
    private static let fewest: Int64 = 500
    /// One of so many groups is, where not most are needed.
    private static let share: Int64 = 8

    private let database: Database
    private let needsMost: Bool
    private var found: Int64 = 0
    /// The groups that are read one by one, and the statement that does; nil before the first.
    private var single: (limit: Int64, statement: Statement)?

    /// The columns of `UsageGroup`, in SQL.
    private let columns: String

    /// Reads groups of `database`, in its present transaction.
    ///
    /// - Parameters:
    ///   - needed: the columns that are read; others are empty. A report of 300,000 groups needs few of their texts.
    ///   - needsMost: True where most groups will be asked for.
    init(_ database: Database, columns needed: Set<String> = Set(UsageGroup.columns), needsMost: Bool) {
        self.database = database
        self.needsMost = needsMost
        columns = UsageGroup.columns.map { needed.contains($0) ? $0 : "NULL" }.joined(separator: ", ")
    }

    /// Hands the group `number` to `body`, or all groups with their numbers, in ascending order.
    ///
    /// - Parameter beforeAll: is called before all groups come, those again that came before.
    /// - Throws: `PeriodTotals.damage` if there is no such group.
    mutating func read(_ number: Int64, beforeAll: () -> Void, _ body: (UsageGroup, Int64) -> Void) throws {
        found += 1
        let single = try single ?? prepared()
        self.single = single
        if found <= single.limit {
            // Bound without GRDB's arguments, which take longer than the search.
            sqlite3_bind_int64(single.statement.sqliteStatement, 1, number)
            return try read(single.statement, number, body)
        }
        // A scan comes once: afterwards only a missing group is not known.
        guard found == single.limit + 1 else { throw PeriodTotals.damage }
        beforeAll()
        try read(try database.makeStatement(sql: "SELECT id, \(columns) FROM usage_groups ORDER BY id"), number, body)
    }

    private func prepared() throws -> (limit: Int64, statement: Statement) {
        // The largest number is at hand, and a count of rows is not.
        let groups = needsMost ? 0 : try Int64.fetchOne(database, sql: "SELECT MAX(id) FROM usage_groups") ?? 0
        return (
            max(Self.fewest, groups / Self.share),
            try database.makeStatement(sql: "SELECT id, \(columns) FROM usage_groups WHERE id = ?")
        )
    }

    /// Hands the groups that `statement` selects to `body`. `number` has to be one of them.
    private func read(_ statement: Statement, _ number: Int64, _ body: (UsageGroup, Int64) -> Void) throws {
        var isThere = false
        try database.forEachRow(statement) { row in
            let id = sqlite3_column_int64(row, 0)
            isThere = isThere || id == number
            body(UsageGroup(row, from: 1), id)
        }
        guard isThere else { throw PeriodTotals.damage }
    }
}
