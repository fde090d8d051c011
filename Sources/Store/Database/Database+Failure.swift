import GRDB

extension Database {
    /// The error of a statement that ended with `result`.
    func failure(_ result: CInt, sql: String? = nil) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: result), message: lastErrorMessage, sql: sql)
    }
}
