import Foundation
import GRDB
import Policy

/// Adds up the usage in the ledger, for people and for invoices.
///
/// A request counts for the time at which it began (`UsageRecord.startedAt`), whenever it ended.
package struct UsageReport: Sendable {
    private let database: LedgerDatabase

    /// Reports of what is in `database`.
    package init(_ database: LedgerDatabase) { self.database = database }

    /// The usage from `since` (included) to `until` (excluded), nil for no bound, grouped by `groupings`, in the order of
    /// their values; without any grouping one row with the sum.
    ///
    /// Hours, days and months are those of `timeZone`. `energy` gives the watt-hours of a model's tokens. Takes two or three
    /// seconds for a million rows, and does not hold up the writer.
    package func report(
        by groupings: [UsageGrouping], since: Timestamp? = nil, until: Timestamp? = nil, timeZone: TimeZone,
        energy: EnergyTable
    ) throws(LedgerError) -> [UsageRow] {
        let groupings = groupings.reduce(into: [UsageGrouping]()) { if !$0.contains($1) { $0.append($1) } }
        return try database.reading { database in
            guard let span = try ReportSpan(in: database, since: since, until: until) else {
                return groupings.isEmpty ? [UsageRow(groups: [])] : []
            }
            let query = UsageQuery(
                groupings: groupings, span: span,
                offsets: ZoneOffsets(of: timeZone, from: span.first.seconds, to: span.last.seconds + 1))
            var sums = UsageSums(query: query, energy: energy)
            let rows = try Row.fetchCursor(database, sql: query.sql, arguments: query.arguments)
            while let row = try rows.next() { sums.add(row) }
            return try sums.rows(keyNames: groupings.contains(.key) ? Self.keyNames(database) : [:])
        }
    }

    private static func keyNames(_ database: Database) throws -> [String: String] {
        let rows = try Row.fetchAll(database, sql: "SELECT id, name FROM keys")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], $0["name"]) })
    }
}
