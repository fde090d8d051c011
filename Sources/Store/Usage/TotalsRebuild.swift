import GRDB
import Policy

/// Makes the totals of the rows again from the rows. The archive stays: its rows are gone.
enum TotalsRebuild {
    /// How many values of totals are collected before they are written.
    private static let valuesInMemory = 10_000

    /// Does it, and says how many rows there were. Call it in a transaction.
    @discardableResult
    static func run(in database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM usage_totals WHERE place = ?", arguments: [TotalsChange.Place.rows.rawValue])
        var change = TotalsChange()
        var count = 0
        try UsageRows.forEach("", in: database) { record, _, group in
            count += 1
            change.add(UsageTotals(record), group: group, at: Quarter(of: record.startedAt))
            if change.count >= valuesInMemory { try change.apply(to: .rows, in: database) }
        }
        try change.apply(to: .rows, in: database)
        return count
    }
}

extension LedgerDatabase {
    /// Makes the totals that reports read again from the rows, in one transaction: for a database that was changed by other
    /// hands. What retention has folded stays as it is. A gateway may be at work; its rows wait meanwhile, in its journal.
    ///
    /// Blocks, about four seconds for a million rows.
    /// - Returns: how many rows there are.
    @discardableResult
    package func rebuildTotals() throws(LedgerError) -> Int {
        try writing { try TotalsRebuild.run(in: $0) }
    }
}
