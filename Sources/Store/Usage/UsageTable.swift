import Foundation
import GRDB
import Policy

/// The rows of the ledger and their totals, which change together or not at all.
enum UsageTable {
    private static let columns = UsageColumns.selected.joined(separator: ", ")

    /// Inserts the rows at `range` and adds them to the totals and speeds. A row whose id is present already is skipped.
    ///
    /// Call it in a transaction. After a rollback call `numbers.forget()`.
    static func insert(
        _ rows: [PendingRow], _ range: Range<Int>, _ numbers: inout UsageGroupNumbers, into database: Database
    ) throws {
        var change = TotalsChange()
        var speeds = PeriodChange<SpeedCounts>()
        try numbers.begin(in: database)
        try UsageInsert.insert(rows, range, into: database) { record in
            try numbers.number(of: UsageGroup(record), day: Quarter(of: record.startedAt).day, in: database)
        } inserted: { record, group in
            change.add(UsageTotals(record), group: group, at: Quarter(of: record.startedAt))
            speeds.add(record, group: group)
        }
        try change.apply(to: .rows, in: database)
        try speeds.apply(to: .rows, in: database)
    }

    /// Calls `body` for each row selected by `condition`, an SQL text with `arguments`: the record, the row's number and its
    /// group's number.
    static func forEach(
        _ condition: String, arguments: StatementArguments = [], in database: Database,
        _ body: (UsageRecord, _ number: Int64, _ group: Int64) throws -> Void
    ) throws {
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT \(columns) FROM usage \(condition)", arguments: arguments)
        while let row = try cursor.next() { try body(UsageColumns.record(row), row[0], row[1]) }
    }
}
