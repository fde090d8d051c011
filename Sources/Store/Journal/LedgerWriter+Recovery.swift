import GRDB
import Policy

extension LedgerWriter {
    /// The records that an earlier process left in the journal, all in the ledger now.
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
}

extension LedgerWriter.Recovery {
    /// Writes the records in `journal` into `database`, in one transaction. The journal keeps them.
    init(_ journal: Journal, into database: LedgerDatabase) throws(LedgerError) {
        let leftovers = journal.leftovers()
        finished = leftovers.finished.count
        interrupted = leftovers.interrupted.count
        unreadable = leftovers.unreadable
        let records = leftovers.finished + leftovers.interrupted
        guard !records.isEmpty else { return }
        try database.writing { database in
            let rows = try records.map { record in
                PendingRow(record: try Self.restoringTeam(of: record, in: database), slot: nil)
            }
            var numbers = UsageGroupNumbers()
            try UsageTable.insert(rows, rows.indices, &numbers, into: database)
        }
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
