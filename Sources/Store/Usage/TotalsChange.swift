import GRDB
import GRDBSQLite
import Policy

/// Rows that come into the totals or leave them, collected so that each value is read and written once a transaction.
struct TotalsChange {
    /// Where totals belong.
    enum Place: Int64 {
        /// Beside the rows that they are the totals of: they can be made again from these.
        case rows = 0
        /// In the archive: their rows are gone.
        case archive = 1
    }

    /// What becomes of the totals.
    enum Operation {
        case add
        case subtract
    }

    private struct Address: Hashable {
        let period: Int64
        let group: Int64
    }

    private var periods: [Address: PeriodTotals] = [:]

    /// How many values it will change.
    var count: Int { periods.count }

    mutating func add(_ totals: UsageTotals, group: Int64, at quarter: Quarter) {
        periods[Address(period: quarter.period, group: group), default: PeriodTotals()].add(
            totals, quarter: quarter.ofPeriod)
    }

    /// Adds all that was collected to the totals at `place`, or takes it away from them, and forgets it.
    mutating func apply(_ operation: Operation = .add, to place: Place, in database: Database) throws {
        // Bound straight to SQLite, as in `UsageInsert`: under load this is done for nearly every row.
        let read = try database.cachedStatement(
            sql: "SELECT entries FROM usage_totals WHERE place = ? AND period = ? AND group_id = ?"
        ).sqliteStatement
        let insert = try database.cachedStatement(
            sql: "INSERT INTO usage_totals (place, period, group_id, entries) VALUES (?, ?, ?, ?)"
        ).sqliteStatement
        let update = try database.cachedStatement(
            sql: "UPDATE usage_totals SET entries = ?4 WHERE place = ?1 AND period = ?2 AND group_id = ?3"
        ).sqliteStatement
        let delete = try database.cachedStatement(
            sql: "DELETE FROM usage_totals WHERE place = ? AND period = ? AND group_id = ?"
        ).sqliteStatement
        for (address, change) in periods {
            Self.bind(place, address, to: read)
            let (isThere, entries) = try Self.changed(read, database) { bytes in
                switch operation {
                case .add: change.added(to: bytes)
                case .subtract: change.subtracted(from: bytes)
                }
            }
            let statement = !isThere ? insert : entries.isEmpty ? delete : update
            Self.bind(place, address, to: statement)
            try Self.run(statement, entries, database)
        }
        periods.removeAll(keepingCapacity: true)
    }

    /// What becomes of the totals that `statement` reads, and whether there are any yet.
    private static func changed(
        _ statement: OpaquePointer, _ database: Database, _ change: (UnsafeRawBufferPointer) -> [UInt8]?
    ) throws -> (isThere: Bool, entries: [UInt8]) {
        defer { sqlite3_reset(statement) }
        let result = sqlite3_step(statement)
        guard result == SQLITE_ROW || result == SQLITE_DONE else { throw failure(result, database) }
        let isThere = result == SQLITE_ROW
        let bytes = UnsafeRawBufferPointer(
            start: isThere ? sqlite3_column_blob(statement, 0) : nil,
            count: isThere ? Int(sqlite3_column_bytes(statement, 0)) : 0)
        guard let entries = change(bytes) else { throw PeriodTotals.damage }
        return (isThere, entries)
    }

    private static func run(_ statement: OpaquePointer, _ entries: [UInt8], _ database: Database) throws {
        let result = entries.withUnsafeBytes { bytes in
            if !bytes.isEmpty { sqlite3_bind_blob(statement, 4, bytes.baseAddress, CInt(bytes.count), nil) }
            let result = sqlite3_step(statement)
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
            return result
        }
        guard result == SQLITE_DONE else { throw failure(result, database) }
    }

    private static func bind(_ place: Place, _ address: Address, to statement: OpaquePointer) {
        sqlite3_bind_int64(statement, 1, place.rawValue)
        sqlite3_bind_int64(statement, 2, address.period)
        sqlite3_bind_int64(statement, 3, address.group)
    }

    private static func failure(_ result: CInt, _ database: Database) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: result), message: database.lastErrorMessage)
    }
}

extension PeriodTotals {
    /// Totals that cannot be read.
    static var damage: DatabaseError {
        DatabaseError(
            resultCode: .SQLITE_CORRUPT,
            message: "totals cannot be read; `propylon usage rebuild` makes them again from the rows")
    }
}
