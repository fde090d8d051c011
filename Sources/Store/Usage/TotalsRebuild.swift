import GRDB
import Policy

/// Makes the totals of present rows again. The archive stays, since its rows are gone.
enum TotalsRebuild {
    /// Collected values that are written at once.
    private static let valuesInMemory = 10_000

    /// Makes the totals again, and returns the number of rows. Call it in a transaction.
    @discardableResult
    static func run(in database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM usage_totals WHERE place = ?", arguments: [TotalsChange.Place.rows.rawValue])
        var change = TotalsChange()
        var count = 0
        try UsageTable.forEach("", in: database) { record, _, group in
            count += 1
            change.add(UsageTotals(record), group: group, at: Quarter(of: record.startedAt))
            if change.count >= valuesInMemory { try change.apply(to: .rows, in: database) }
        }
        try change.apply(to: .rows, in: database)
        return count
    }
}

extension LedgerDatabase {
    /// Makes the totals of reports again from the rows, in one transaction, after another program changed the rows.
    ///
    /// Folded totals stay. A running gateway keeps its rows in the journal until the end. Blocks for about four seconds for a
    /// million rows.
    /// - Returns: the number of rows.
    @discardableResult
    package func rebuildTotals() throws(LedgerError) -> Int {
        try writing { try TotalsRebuild.run(in: $0) }
    }
}
