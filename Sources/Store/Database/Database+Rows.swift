import GRDB
import GRDBSQLite

extension Database {
    /// The error of a statement that ended with `result`.
    func failure(_ result: CInt, sql: String? = nil) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: result), message: lastErrorMessage, sql: sql)
    }

    /// Calls `body` for each row of `statement`, whose arguments are bound. Without GRDB's rows, where there may be millions.
    func forEachRow(_ statement: Statement, _ body: (_ row: OpaquePointer) throws -> Void) throws {
        let row = statement.sqliteStatement
        defer { sqlite3_reset(row) }
        var result = sqlite3_step(row)
        while result == SQLITE_ROW {
            try body(row)
            result = sqlite3_step(row)
        }
        guard result == SQLITE_DONE else { throw failure(result, sql: statement.sql) }
    }
}
