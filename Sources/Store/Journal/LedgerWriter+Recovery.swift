import GRDB
import Policy

extension LedgerWriter {
    /// The records that an earlier process left in a journal, all in the ledger now.
    package struct Recovery: Sendable, Equatable {
        /// Finished requests, with their exact numbers.
        package var finished = 0
        /// Requests in flight at the death of the process, with their last known numbers.
        package var interrupted = 0
        /// Damaged slots of the journal; their records are lost.
        package var unreadable = 0

        /// Is true if there was nothing to recover.
        package var isEmpty: Bool { finished == 0 && interrupted == 0 && unreadable == 0 }
    }

    /// The journals of processes that ended while this one runs.
    package struct Adoption: Sendable {
        /// The numbers of their records.
        package let recovery: Recovery
        /// The records, all in the ledger now. Some may have been there before.
        package let records: [UsageRecord]
        /// True where another process still writes a journal.
        package let othersLive: Bool
    }

    /// Moves the records of processes that have ended into the ledger, and removes their journals. Blocks.
    ///
    /// - Throws: the error of the database or the file system. The journals then stay for the next call.
    package func adopt() throws(LedgerError) -> Adoption {
        let (files, othersLive) = try journal.orphans()
        let (recovery, records) = try Recovery.commit(files.map { Journal.Leftovers($0) }, into: database)
        for file in files { file.remove() }
        return Adoption(recovery: recovery, records: records, othersLive: othersLive)
    }
}

extension LedgerWriter.Recovery {
    /// Writes the records in `journal`, and in those of other processes that have ended, into `database`. The journal keeps
    /// them; the others are removed.
    init(_ journal: Journal, into database: LedgerDatabase) throws(LedgerError) {
        let orphans = try journal.orphans().files
        self = try Self.commit([journal.leftovers()] + orphans.map { Journal.Leftovers($0) }, into: database).0
        for file in orphans { file.remove() }
    }

    /// Writes `leftovers` into `database`, in one transaction.
    static func commit(
        _ leftovers: [Journal.Leftovers], into database: LedgerDatabase
    ) throws(LedgerError) -> (Self, [UsageRecord]) {
        var recovery = Self()
        var records: [UsageRecord] = []
        for leftovers in leftovers {
            recovery.finished += leftovers.finished.count
            recovery.interrupted += leftovers.interrupted.count
            recovery.unreadable += leftovers.unreadable
            records += leftovers.finished + leftovers.interrupted
        }
        guard !records.isEmpty else { return (recovery, []) }
        try database.writing { database in
            let rows = try records.map { record in
                PendingRow(record: try restoringTeam(of: record, in: database), slot: nil)
            }
            var numbers = UsageGroupNumbers()
            try UsageTable.insert(rows, rows.indices, &numbers, into: database)
        }
        return (recovery, records)
    }

    /// Restores a team's name that the slot has cut, from the key. Only keys of older versions have such long teams.
    private static func restoringTeam(of record: UsageRecord, in database: Database) throws -> UsageRecord {
        // A cut name lacks at most three bytes of the bound: a part of a character. Layout 1 had the smaller bound.
        guard let team = record.team, team.utf8.count > JournalLayout.first.teamBytes - 4,
            let whole = try KeyTable.fetch(id: record.keyID, from: database)?.team, whole.hasPrefix(team)
        else { return record }
        var record = record
        record.team = whole
        return record
    }
}
