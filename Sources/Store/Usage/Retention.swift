import Clocks
import Foundation
import GRDB
import Policy

/// Folds old rows into daily totals, in the archive, and deletes them. Words that clients chose go with them.
///
/// Reports still count them, each day as a whole at its first moment, by key, team, model, endpoint and status.
package struct Retention: Sendable {
    /// The rows of one transaction: about 20 ms.
    static let rowsOfSlice = 1000
    /// The groups of one transaction. A group of the archive has totals of many days.
    private static let groupsOfSlice = 50
    /// The days in UTC whose words are kept: rows of the last day may still come.
    private static let daysOfWords: Int64 = 2

    private let database: LedgerDatabase
    private let zone: TimeZone

    /// Folds rows of `database` into the days of `timeZone`.
    package init(_ database: LedgerDatabase, timeZone: TimeZone) {
        self.database = database
        zone = timeZone
    }

    /// Folds all rows of the days before the day of `moment`, nil for none, and forgets what nothing uses then.
    ///
    /// Works in short transactions, and lets other writers in between. Call it once an hour. Blocks: do not call it on an event
    /// loop. `isCancelled` ends it early; the next call continues.
    /// - Returns: the number of folded rows.
    @discardableResult
    package func run(
        before moment: Timestamp?, at now: Timestamp, isCancelled: () -> Bool = { false }
    ) throws(LedgerError) -> Int {
        try slices(isCancelled) { () throws(LedgerError) in try dropCounts(at: now) }
        guard let moment else { return 0 }
        try slices(isCancelled) { () throws(LedgerError) in try dropResponses(before: moment) }
        let folded = try slices(isCancelled) { () throws(LedgerError) in try fold(before: moment) }
        try slices(isCancelled) { () throws(LedgerError) in try dropSpeeds(before: moment) }
        var archived = try groupsWithArchivedWords()[...]
        let changed = try slices(isCancelled) { () throws(LedgerError) in try dropWords(&archived) }
        guard folded > 0 || changed > 0 else { return 0 }
        var unused = try unusedGroups()[...]
        try slices(isCancelled) { () throws(LedgerError) in try remove(&unused) }
        return folded
    }

    /// Calls `slice` until it has done nothing. Returns the sum of what it did.
    @discardableResult
    private func slices(
        _ isCancelled: () -> Bool, _ slice: () throws(LedgerError) -> Int
    ) throws(LedgerError) -> Int {
        var sum = 0
        try WriteSlices.run { () throws(LedgerError) in
            guard !isCancelled() else { return false }
            let count = try slice()
            sum += count
            return count > 0
        }
        return sum
    }

    /// Folds at most `limit` rows, the oldest first. Returns their number.
    func fold(before moment: Timestamp, atMost limit: Int = rowsOfSlice) throws(LedgerError) -> Int {
        let end = startOfDay(moment)
        var days = LocalDays(zone)
        return try database.writing { database in
            var change = TotalsChange()
            var archive = ArchiveChange()
            var numbers: [Int64] = []
            try UsageTable.forEach(
                "WHERE number < ? AND started_at < ? ORDER BY number LIMIT ?",
                arguments: [ReportSpan.firstNumber(after: end), end.microseconds, limit], in: database
            ) { record, number, group in
                let quarter = Quarter(of: record.startedAt)
                let totals = UsageTotals(record)
                change.add(totals, group: group, at: quarter)
                archive.add(totals, of: UsageGroup(record), at: days.start(of: days.day(of: quarter)))
                numbers.append(number)
            }
            let delete = try database.cachedStatement(sql: "DELETE FROM usage_rows WHERE number = ?")
            for number in numbers { try delete.execute(arguments: [number]) }
            try change.apply(.subtract, to: .rows, in: database)
            try archive.apply(in: database)
            return numbers.count
        }
    }

    private func startOfDay(_ moment: Timestamp) -> Timestamp {
        var days = LocalDays(zone)
        return Timestamp(seconds: days.start(of: days.day(of: Quarter(of: moment))).second)
    }

    /// Forgets some speeds of periods whose rows are all folded. Returns their number.
    private func dropSpeeds(before moment: Timestamp) throws(LedgerError) -> Int {
        let end = Quarter(of: startOfDay(moment)).period
        // Most calls find none: they take no write lock.
        let hasSome = try database.reading { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM usage_speeds WHERE place = 0 AND period < ?)",
                arguments: [end]) == true
        }
        guard hasSome else { return 0 }
        return try database.writing { database in
            try database.execute(
                sql: """
                    DELETE FROM usage_speeds WHERE (place, period, group_id) IN
                        (SELECT place, period, group_id FROM usage_speeds WHERE place = 0 AND period < ? LIMIT ?)
                    """, arguments: [end, Self.rowsOfSlice])
            return database.changesCount
        }
    }

    /// Forgets some words that were counted on days of before. Returns their number.
    private func dropCounts(at now: Timestamp) throws(LedgerError) -> Int {
        let first = Quarter(of: now).day - Self.daysOfWords + 1
        // Most calls find none: they take no write lock.
        let hasSome = try database.reading { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM usage_words WHERE day < ?)", arguments: [first]) == true
        }
        guard hasSome else { return 0 }
        return try database.writing { database in
            try database.execute(
                sql: """
                    DELETE FROM usage_words WHERE (day, key_id, kind, word) IN
                        (SELECT day, key_id, kind, word FROM usage_words WHERE day < ? LIMIT ?)
                    """, arguments: [first, Self.rowsOfSlice])
            return database.changesCount
        }
    }

    /// Forgets the owners of some responses that were made before `moment`: nobody deletes them. Returns their number.
    private func dropResponses(before moment: Timestamp) throws(LedgerError) -> Int {
        let old = "SELECT id FROM objects WHERE kind = 'response' AND created_at < ?"
        // Most calls find none: they take no write lock.
        let hasSome = try database.reading { database in
            try Bool.fetchOne(database, sql: "SELECT EXISTS (\(old))", arguments: [moment.microseconds]) == true
        }
        guard hasSome else { return 0 }
        return try database.writing { database in
            try database.execute(
                sql: "DELETE FROM objects WHERE id IN (\(old) LIMIT ?)",
                arguments: [moment.microseconds, Self.rowsOfSlice])
            return database.changesCount
        }
    }
}

extension Retention {
    /// The groups of the archive that have words of clients: versions of before kept them.
    private func groupsWithArchivedWords() throws(LedgerError) -> [Int64] {
        try database.reading { database in
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM usage_groups
                    WHERE (user IS NOT NULL OR tags IS NOT NULL OR model_asked IS NOT NULL)
                        AND EXISTS (SELECT 1 FROM usage_totals WHERE group_id = id AND place = ?)
                    """,
                arguments: [TotalsPlace.archive.rawValue])
        }
    }

    /// Takes the words out of the first of `groups`, and these out of the list. Returns their number.
    private func dropWords(_ groups: inout ArraySlice<Int64>) throws(LedgerError) -> Int {
        let slice = groups.prefix(Self.groupsOfSlice)
        guard !slice.isEmpty else { return 0 }
        try database.writing { database in
            for group in slice { try ArchiveChange.dropWords(of: group, in: database) }
        }
        groups = groups.dropFirst(slice.count)
        return slice.count
    }

    /// The groups that no total, no speed and no row names. Reads all rows, without the write lock.
    private func unusedGroups() throws(LedgerError) -> [Int64] {
        try database.reading { database in
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM usage_groups WHERE NOT EXISTS (SELECT 1 FROM usage_totals WHERE group_id = id)
                        EXCEPT SELECT group_id FROM usage_rows EXCEPT SELECT group_id FROM usage_speeds
                    """)
        }
    }

    /// Removes the first of `groups` that are still unused, and takes them out of the list. Returns their number.
    private func remove(_ groups: inout ArraySlice<Int64>) throws(LedgerError) -> Int {
        let slice = groups.prefix(Self.rowsOfSlice)
        guard !slice.isEmpty else { return 0 }
        try database.writing { database in
            // A new row brings a total.
            let delete = try database.cachedStatement(
                sql: """
                    DELETE FROM usage_groups
                    WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM usage_totals WHERE group_id = ?1)
                    """)
            for group in slice { try delete.execute(arguments: [group]) }
            try database.execute(sql: "UPDATE usage_state SET removals = removals + 1")
        }
        groups = groups.dropFirst(slice.count)
        return slice.count
    }
}
