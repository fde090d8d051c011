import GRDB
import Policy

/// Totals that come into the archive, by groups that have no numbers yet.
struct ArchiveChange {
    private struct Address: Hashable {
        let group: UsageGroup
        let quarter: Quarter
    }

    private var totals: [Address: UsageTotals] = [:]

    /// Adds the usage of one request of `group`, without clients' words.
    mutating func add(_ usage: UsageTotals, of group: UsageGroup, at quarter: Quarter) {
        totals[Address(group: group.archived(usage), quarter: quarter), default: UsageTotals()].add(usage)
    }

    func apply(in database: Database) throws {
        var change = TotalsChange()
        for (address, totals) in totals {
            change.add(
                totals, group: try UsageGroupNumbers.number(of: address.group, in: database), at: address.quarter)
        }
        try change.apply(to: .archive, in: database)
    }

    /// Moves the archive of the group `number` to groups without clients' words. Call it in a transaction.
    static func dropWords(of number: Int64, in database: Database) throws {
        let columns = UsageGroup.columns.joined(separator: ", ")
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT \(columns) FROM usage_groups WHERE id = ?", arguments: [number])
        else { return }
        let group = UsageGroup(row, from: 0)
        var archive = ArchiveChange()
        let place = TotalsPlace.archive.rawValue
        let stored = try Row.fetchAll(
            database, sql: "SELECT period, entries FROM usage_totals WHERE group_id = ? AND place = ?",
            arguments: [number, place])
        for row in stored {
            let period: Int64 = row[0]
            guard Quarter.periods.contains(period), let totals = PeriodTotals(row, at: 1) else {
                throw PeriodTotals.damage
            }
            for (quarter, usage) in totals.quarters {
                archive.add(usage, of: group, at: Quarter(period: period, quarter: quarter))
            }
        }
        try database.execute(
            sql: "DELETE FROM usage_totals WHERE group_id = ? AND place = ?", arguments: [number, place])
        try archive.apply(in: database)
    }
}
