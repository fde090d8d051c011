import Clocks
import Foundation
import GRDB
import Policy

/// The rows of the ledger and their totals, which change together or not at all.
enum UsageRows {
    /// The columns from which a record comes back, in the order in which `record` reads them.
    private static let columns = """
        id, key_id, team, endpoint, started_at, user, tags, model_asked, model_served, status, exactness, ending, cost,
        input_tokens, output_tokens, reasoning_tokens, cached_tokens, audio_minutes, characters, images, search_units,
        number, group_id
        """

    /// Inserts the rows at `range` and adds them to the totals; one whose id is there already is passed over. Call it in a
    /// transaction, and where that is undone let `numbers` forget.
    static func insert(
        _ rows: [PendingRow], _ range: Range<Int>, _ numbers: inout UsageGroupNumbers, into database: Database
    ) throws {
        var change = TotalsChange()
        try UsageInsert.insert(rows, range, into: database) { record in
            try numbers.number(of: UsageGroup(record), in: database)
        } inserted: { record, group in
            change.add(UsageTotals(record), group: group, at: Quarter(of: record.startedAt))
        }
        try change.apply(to: .rows, in: database)
    }

    /// Hands to `body` what counts for reports of each row that `condition`, an SQL text with `arguments`, selects, the row's number
    /// and its group's.
    static func forEach(
        _ condition: String, arguments: StatementArguments = [], in database: Database,
        _ body: (UsageRecord, _ number: Int64, _ group: Int64) throws -> Void
    ) throws {
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT \(columns) FROM usage \(condition)", arguments: arguments)
        while let row = try cursor.next() { try body(record(row), row[21], row[22]) }
    }

    private static func record(_ row: Row) throws -> UsageRecord {
        guard
            let id = RequestID(data: row[0]), let exactness = Exactness(rawValue: row[10]),
            let ending = Ending(rawValue: row[11])
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of the usage cannot be read") }
        var record = UsageRecord(
            id: id, keyID: row[1], team: row[2], endpoint: row[3], startedAt: Timestamp(microseconds: row[4]))
        record.user = row[5]
        record.tags = (row[6] as String?).map { $0.split(separator: ",").map(String.init) } ?? []
        record.modelAsked = row[7]
        record.modelServed = row[8]
        record.status = row[9]
        record.exactness = exactness
        record.ending = ending
        record.cost = NanoEuros(row[12])
        record.units.inputTokens = row[13]
        record.units.outputTokens = row[14]
        record.units.reasoningTokens = row[15]
        record.units.cachedTokens = row[16]
        record.units.audioMinutes = row[17]
        record.units.characters = row[18]
        record.units.images = row[19]
        record.units.searchUnits = row[20]
        return record
    }
}
