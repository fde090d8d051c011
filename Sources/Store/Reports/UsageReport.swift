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

    /// What a report is about.
    package struct Question: Sendable {
        /// The groupings of its rows.
        package var groupings: [UsageGrouping]
        /// The first moment, included; nil for no bound.
        package var since: Timestamp?
        /// The moment after the last one; nil for no bound.
        package var until: Timestamp?
        /// The requests that count.
        package var filter: UsageFilter
        /// The zone of hours, days and months. Its offset from UTC is a whole number of quarters of an hour.
        package var timeZone: TimeZone
        /// The watt-hours of a model's tokens.
        package var energy: EnergyTable
        /// True subtracts credits from the costs of their keys and teams, in rows of the endpoint `credit`.
        package var hasCredits = true
        /// True also reports how fast the requests were. Rows that retention has folded have no speeds.
        package var hasSpeeds = false
        /// True groups by all tags of a request together, separated by commas, so that it counts once.
        package var hasTagLists = false
        /// The order of the rows.
        package var order = UsageOrder.groups
        /// The most rows; nil for all.
        package var limit: Int?

        /// All requests, by `groupings`.
        package init(
            by groupings: [UsageGrouping], since: Timestamp? = nil, until: Timestamp? = nil,
            where filter: UsageFilter = UsageFilter(), timeZone: TimeZone, energy: EnergyTable
        ) {
            self.groupings = groupings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
            self.since = since
            self.until = until
            self.filter = filter
            self.timeZone = timeZone
            self.energy = energy
        }
    }

    /// Reports the usage that `question` asks for. Without groupings there is one row with the sum. Folded days count as a whole at
    /// their first moment. The writer does not wait.
    package func ranked(_ question: Question) throws(LedgerError) -> RankedUsage {
        try database.reading { try Self.ranked(question, in: $0) }
    }

    /// All rows of a question, in the order of their groups' values.
    package func report(
        by groupings: [UsageGrouping], since: Timestamp? = nil, until: Timestamp? = nil,
        where filter: UsageFilter = UsageFilter(), timeZone: TimeZone, energy: EnergyTable, withCredits: Bool = true,
        withSpeeds: Bool = false, byTagLists: Bool = false
    ) throws(LedgerError) -> [UsageRow] {
        var question = Question(
            by: groupings, since: since, until: until, where: filter, timeZone: timeZone, energy: energy)
        question.hasCredits = withCredits
        question.hasSpeeds = withSpeeds
        question.hasTagLists = byTagLists
        return try ranked(question).rows
    }

    /// The answer to `question` within a transaction.
    private static func ranked(_ question: Question, in database: Database) throws -> RankedUsage {
        var question = question
        question.filter = try question.filter.resolvingKeys(in: database)
        let span = ReportSpan(since: question.since, until: question.until)
        var sums = UsageSums(question)
        let cover = try cover(span.quarters, &sums, in: database)
        try add(UsageTotals.self, cover, to: &sums, from: database)
        if question.hasSpeeds { try add(SpeedCounts.self, cover, to: &sums, from: database) }
        for moments in span.rest {
            let condition = ReportSpan.condition(moments)
            try UsageTable.forEach(condition.sql, arguments: condition.arguments, in: database) { record, _, _ in
                sums.add(record)
            }
        }
        if question.hasCredits {
            for credit in try CorrectionTable.credits(since: question.since, until: question.until, in: database) {
                sums.add(credit)
            }
        }
        let ranking = sums.finished().ranked(question.order, limit: question.limit)
        guard question.groupings.contains(.key) else { return ranking }
        return RankedUsage(rows: try named(ranking.rows, in: database), others: ranking.others)
    }

    /// The closed spans of the coarsest detail that the report can use, each at one time of it, and the rest of `quarters`.
    private static func cover(
        _ quarters: Range<Quarter>, _ sums: inout UsageSums, in database: Database
    ) throws -> ClosedSpan.Cover {
        guard let detail = sums.detail else { return ClosedSpan.Cover(quarters) }
        let spans = try ClosedSpanTable.spans(detail, in: quarters, of: database)
        return ClosedSpan.Cover(quarters, with: spans.filter { sums.time(of: $0.quarters) != nil })
    }

    /// Adds the values of each span, and of each period and group in the rest.
    private static func add<Value: ReportValue>(
        _: Value.Type, _ cover: ClosedSpan.Cover, to sums: inout UsageSums, from database: Database
    ) throws {
        let needsMost = sums.detail == .groups && !cover.spans.isEmpty
        var groups = GroupReader(database, columns: sums.columns, needsMost: needsMost)
        for span in cover.spans {
            guard let time = sums.time(of: span.quarters) else { throw PeriodTotals.damage }
            try TotalsReader<Value>.forEachValue(in: span, of: database) { group, value in
                let kinds = try kinds(ofGroup: group, &sums, &groups)
                return sums.add(Value.self, value, kinds, time: time)
            }
        }
        for quarters in cover.rest {
            try TotalsReader<Value>.forEachPeriod(of: quarters, in: database) { period, group, entries in
                let kinds = try kinds(ofGroup: group, &sums, &groups)
                return sums.add(Value.self, entries, kinds, period: period, within: quarters)
            }
        }
    }

    private static func kinds(
        ofGroup number: Int64, _ sums: inout UsageSums, _ groups: inout GroupReader
    ) throws -> UsageSums.Kinds {
        if let known = sums.kinds(ofGroup: number) { return known }
        try groups.read(number, beforeAll: { sums.forgetGroups() }) { sums.learn($0, number: $1) }
        guard let kinds = sums.kinds(ofGroup: number) else { throw PeriodTotals.damage }
        return kinds
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

    /// `rows` with the names of those of their keys that the ledger still has.
    private static func named(_ rows: [UsageRow], in database: Database) throws -> [UsageRow] {
        let keys = Set(rows.compactMap { $0[.key] })
        let names = try keyNames(database) { keys.contains($0) }
        return rows.map { row in
            var row = row
            row.keyName = row[.key].flatMap { names[$0] }
            return row
        }
    }

    /// The names of keys, by the ids that `isWanted` says.
    static func keyNames(_ database: Database, where isWanted: (String) -> Bool) throws -> [String: String] {
        var names: [String: String] = [:]
        try database.forEachRow(database.cachedStatement(sql: "SELECT id, name FROM keys")) { row in
            if let id = sqlite3_column_text(row, 0).map({ String(cString: $0) }), isWanted(id) {
                names[id] = sqlite3_column_text(row, 1).map { String(cString: $0) }
            }
        }
        return names
    }
}
