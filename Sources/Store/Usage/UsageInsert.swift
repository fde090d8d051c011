import Foundation
import GRDB
import GRDBSQLite
import Policy

/// Inserts usage records into the database: one prepared statement, its arguments bound directly to SQLite.
///
/// GRDB's own arguments box each value in an array of enums first. That costs more than the insertion itself, for each
/// request.
enum UsageInsert {
    private static let sql = """
        INSERT INTO usage_rows (\(UsageColumns.inserted.joined(separator: ", ")))
        VALUES (\(UsageColumns.inserted.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT DO NOTHING
        """

    /// Room for the text of a usual row, several times over. SQLite copies a text that does not fit.
    private static let scratchBytes = 2048

    /// Inserts the rows at `range`, each with the number of its `group`, and hands both to `inserted`.
    ///
    /// A row whose id is present already is skipped. Call it in a transaction.
    static func insert(
        _ rows: [PendingRow], _ range: Range<Int>, into database: Database,
        group: (borrowing UsageRecord) throws -> Int64, inserted: (borrowing UsageRecord, Int64) -> Void
    ) throws {
        // GRDB keeps the statement, prepared once for each connection.
        let statement = try database.cachedStatement(sql: sql).sqliteStatement
        try withUnsafeTemporaryAllocation(byteCount: scratchBytes, alignment: 8) { scratch in
            // The bindings point into the scratch memory, which ends here.
            defer { sqlite3_clear_bindings(statement) }
            // Without the buffer each record would be copied, its strings retained and released.
            try rows.withUnsafeBufferPointer { rows in
                for index in range {
                    let number = try group(rows[index].record)
                    var arguments = StatementArgumentList(statement: statement, scratch: scratch)
                    arguments.append(number)
                    UsageColumns.bind(rows[index].record, to: &arguments)
                    if try put(rows[index].record.id, statement, database) { inserted(rows[index].record, number) }
                }
            }
        }
    }

    /// Runs `statement` for the request `id`, at the first free number. Returns false if its row is present already.
    private static func put(_ id: RequestID, _ statement: OpaquePointer, _ database: Database) throws -> Bool {
        var number = id.rowNumber
        while true {
            sqlite3_bind_int64(statement, 1, number)
            let result = sqlite3_step(statement)
            sqlite3_reset(statement)
            guard result == SQLITE_DONE else {
                throw database.failure(result, sql: sql)
            }
            if sqlite3_changes(database.sqliteConnection) > 0 { return true }
            let other = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT id FROM usage_rows WHERE number = ?"), arguments: [number])
            if other == id.data { return false }
            number &+= 1
        }
    }
}
