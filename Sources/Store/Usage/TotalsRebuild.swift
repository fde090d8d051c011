import Foundation
import GRDB
import Policy

/// Mends the totals and speeds of present rows, while a writer runs. The archive stays, since its rows are gone.
///
/// Totals change with each row by addition, so a difference that was right in one snapshot of the database is right for good:
/// whatever a writer adds or folds meanwhile, it does to rows and totals alike. So the differences are computed without the
/// write lock, in a temporary table, and then added in short transactions. The death of the process between two of them leaves
/// some totals mended and the others as they were.
package struct TotalsRebuild {
    /// The state of a rebuild, for people.
    package struct Progress: Sendable, Equatable {
        /// The rows that were read.
        package var read: Int
        /// All rows.
        package let rows: Int
    }

    /// Totals that one transaction mends: about 10 ms.
    static let valuesOfSlice = 1000
    /// Rows between two reports of progress.
    private static let rowsOfReport = 50_000

    /// Rows of the snapshot.
    private(set) var rows = 0
    /// The corrections by every process until now. Another number in the database makes the differences useless.
    private var corrections: Int64

    /// Mends all totals in the present transaction: for tables that nobody else uses yet.
    static func run(in database: Database) throws {
        var rebuild = try TotalsRebuild(readingFrom: database) { _ in }
        while try rebuild.mendSlice(in: database) {}
    }

    /// Collects the differences in temporary tables. Call it in a transaction, which may read only.
    init(readingFrom database: Database, progress: (Progress) -> Void) throws {
        corrections = try Self.corrections(database)
        try PeriodDifferences<UsageTotals>.createTables(in: database)
        try PeriodDifferences<SpeedCounts>.createTables(in: database)
        var change = TotalsChange()
        var speeds = PeriodChange<SpeedCounts>()
        let count = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM usage_rows") ?? 0
        progress(Progress(read: 0, rows: count))
        try UsageTable.forEach("", in: database) { record, _, group in
            rows += 1
            change.add(UsageTotals(record), group: group, at: Quarter(of: record.startedAt))
            speeds.add(record, group: group)
            if change.count >= PeriodDifferences<UsageTotals>.valuesInMemory {
                try change.apply(to: .rows, of: .differences, in: database)
                try speeds.apply(to: .rows, of: .differences, in: database)
            }
            if rows % Self.rowsOfReport == 0 { progress(Progress(read: rows, rows: count)) }
        }
        try change.apply(to: .rows, of: .differences, in: database)
        try speeds.apply(to: .rows, of: .differences, in: database)
        try PeriodDifferences<UsageTotals>.subtractStored(in: database)
        try PeriodDifferences<SpeedCounts>.subtractStored(in: database)
    }

    /// Mends the next totals. Returns false where there are no more. Call it in a transaction.
    /// - Throws: `Overtaken` after a correction by another process.
    mutating func mendSlice(in database: Database, atMost limit: Int = valuesOfSlice) throws -> Bool {
        guard try Self.corrections(database) == corrections else { throw Overtaken() }
        let isMore = try PeriodDifferences<UsageTotals>.mendSlice(in: database, atMost: limit)
        let isMoreOfSpeeds = try PeriodDifferences<SpeedCounts>.mendSlice(in: database, atMost: limit)
        try database.execute(sql: "UPDATE usage_state SET corrections = corrections + 1")
        corrections += 1
        return isMore || isMoreOfSpeeds
    }

    private static func corrections(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT corrections FROM usage_state") ?? 0
    }

    /// Another rebuild has mended totals since the snapshot.
    struct Overtaken: Error {}
}

extension LedgerDatabase {
    /// Mends the totals of reports from the rows, after another program changed the rows.
    ///
    /// Folded totals stay, and closed spans are removed. A gateway may run: the write lock is held for milliseconds at a time. Blocks for about four seconds
    /// for a million rows. `progress` is called several times a second.
    /// - Returns: the number of rows.
    @discardableResult
    package func rebuildTotals(
        wait: LockWait = .briefly, progress: (TotalsRebuild.Progress) -> Void = { _ in }
    ) throws(LedgerError) -> Int {
        // A connection of its own: its temporary tables may be larger than memory, and its snapshot is an old one.
        do {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(wait, temporaryFiles: true))
            defer { try? queue.close() }
            while true {
                do { return try Self.rebuild(queue, path, progress) } catch is TotalsRebuild.Overtaken {}
            }
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    private static func rebuild(
        _ queue: DatabaseQueue, _ path: String, _ progress: (TotalsRebuild.Progress) -> Void
    ) throws -> Int {
        var rebuild: TotalsRebuild?
        // Reads the ledger and writes temporary tables: without the write lock.
        try queue.inTransaction(.deferred) { database in
            rebuild = try TotalsRebuild(readingFrom: database, progress: progress)
            return .commit
        }
        try WriteSlices.run { try queue.write { try rebuild?.mendSlice(in: $0) ?? false } }
        // Most are removed with the totals; damaged ones may be left.
        try WriteSlices.run { try queue.write { try ClosedSpanTable.removeSome(exceptOf: nil, in: $0) } }
        return rebuild?.rows ?? 0
    }
}
