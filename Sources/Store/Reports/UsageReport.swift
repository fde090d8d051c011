import Clocks
import Foundation
import GRDB
import GRDBSQLite
import Policy

/// Reports of the usage in the ledger, for people and for invoices.
///
/// A request counts for the time of its start (`UsageRecord.startedAt`), whenever it ended.
package struct UsageReport: Sendable {
    /// The endpoint of credits, which no requests have.
    package static let endpointOfCredits = "credit"

    private let database: LedgerDatabase

    /// Reports on `database`.
    package init(_ database: LedgerDatabase) { self.database = database }

    /// Reports the usage from `since` (included) to `until` (excluded), nil for no bound, of the requests that `filter` admits,
    /// grouped by `groupings`. Credits lower
    /// the costs of their keys and teams, in rows of the endpoint `credit`.
    ///
    /// Rows come in the order of their groups' values. Without groupings there is one row with the sum. Hours, days and months
    /// are those of `timeZone`, whose offset from UTC is a whole number of quarters of an hour. Folded days count as a
    /// whole at their first moment. `energy` has the watt-hours of a model's tokens. A million rows take about a tenth of a
    /// second; the writer does not wait.
    /// - Parameters:
    ///   - withSpeeds: True also reports how fast the requests were. Rows that retention has folded have no speeds.
    ///   - byTagLists: True groups by all tags of a request together, separated by commas, so that it counts once.
    package func report(
        by groupings: [UsageGrouping], since: Timestamp? = nil, until: Timestamp? = nil,
        where filter: UsageFilter = UsageFilter(), timeZone: TimeZone, energy: EnergyTable, withCredits: Bool = true,
        withSpeeds: Bool = false, byTagLists: Bool = false
    ) throws(LedgerError) -> [UsageRow] {
        try database.reading { database in
            try Self.report(
                by: groupings, since: since, until: until, where: filter, timeZone: timeZone, energy: energy,
                withCredits: withCredits, withSpeeds: withSpeeds, byTagLists: byTagLists, in: database)
        }
    }

    /// The same within a transaction.
    static func report(
        by groupings: [UsageGrouping], since: Timestamp?, until: Timestamp?, where filter: UsageFilter = UsageFilter(),
        timeZone: TimeZone, energy: EnergyTable, withCredits: Bool, withSpeeds: Bool = false, byTagLists: Bool = false,
        in database: Database
    ) throws -> [UsageRow] {
        let groupings = groupings.reduce(into: [UsageGrouping]()) { if !$0.contains($1) { $0.append($1) } }
        let span = ReportSpan(since: since, until: until)
        let filter = try filter.resolvingKeys(in: database)
        var sums = UsageSums(
            by: groupings, timeZone: timeZone, where: filter, withSpeeds: withSpeeds, byTagLists: byTagLists)
        try forEachPeriod(UsageTotals.self, of: span.quarters, &sums, from: database) {
            $0.add($1, list: $2, period: $3, within: span.quarters)
        }
        if withSpeeds {
            try forEachPeriod(SpeedCounts.self, of: span.quarters, &sums, from: database) {
                $0.addSpeeds($1, list: $2, period: $3, within: span.quarters)
            }
        }
        for moments in span.rest {
            let condition = ReportSpan.condition(moments)
            try UsageTable.forEach(condition.sql, arguments: condition.arguments, in: database) { record, _, _ in
                sums.add(record)
            }
        }
        if withCredits {
            for credit in try CorrectionTable.credits(since: since, until: until, in: database) { sums.add(credit) }
        }
        return sums.rows(energy: energy, keyNames: groupings.contains(.key) ? try keyNames(database) : [:])
    }

    /// Calls `body` for the values of each period and group in `quarters`, with the group's list of kinds. `body` returns false for
    /// damaged ones.
    private static func forEachPeriod<Value: QuarterValue>(
        _: Value.Type, of quarters: Range<Quarter>, _ sums: inout UsageSums, from database: Database,
        _ body: (inout UsageSums, UnsafeRawBufferPointer, _ list: Int, _ period: Int64) -> Bool
    ) throws {
        guard !quarters.isEmpty else { return }
        let sql =
            "SELECT period, group_id, entries FROM \(Value.table) WHERE place IN (0, 1) AND period BETWEEN ? AND ?"
        let statement = try database.makeStatement(sql: sql)
        try statement.setArguments([quarters.lowerBound.period, quarters.upperBound.period])
        // Without GRDB's rows, since there may be a million of them.
        let row = statement.sqliteStatement
        var groups = GroupReader(database, columns: sums.columns)
        var result = sqlite3_step(row)
        while result == SQLITE_ROW {
            let group = sqlite3_column_int64(row, 1)
            if sums.list(ofGroup: group) == nil { try groups.read(group) { sums.learn($0, number: $1) } }
            let entries = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(row, 2), count: Int(sqlite3_column_bytes(row, 2)))
            let period = sqlite3_column_int64(row, 0)
            guard Quarter.periods.contains(period), let list = sums.list(ofGroup: group),
                body(&sums, entries, list, period)
            else { throw PeriodTotals.damage }
            result = sqlite3_step(row)
        }
        guard result == SQLITE_DONE else {
            throw database.failure(result, sql: sql)
        }
    }

    /// The repricings of requests from `since` (included) to `until` (excluded), nil for no bound, that `filter` admits by key, team,
    /// model and user. A filter by anything else admits none, since a repricing is of all such requests together.
    package func repricings(
        since: Timestamp?, until: Timestamp?, where filter: UsageFilter
    ) throws(LedgerError) -> [UsageRepricing] {
        try database.reading { database in
            let filter = try filter.resolvingKeys(in: database)
            return try CorrectionTable.repricings(since: since, until: until, in: database).filter {
                filter.admits(UsageGroup(repricing: $0.change))
            }
        }
    }

    static func keyNames(_ database: Database) throws -> [String: String] {
        let rows = try Row.fetchAll(database, sql: "SELECT id, name FROM keys")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], $0["name"]) })
    }
}
