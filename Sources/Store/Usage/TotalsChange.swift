import GRDB
import GRDBSQLite
import Policy

/// The place of totals in their table; the raw value is the column.
enum TotalsPlace: Int64 {
    /// Totals of present rows, which can make them again.
    case rows = 0
    /// The archive: totals of deleted rows.
    case archive = 1
}

/// A change of `usage_totals`.
typealias TotalsChange = PeriodChange<UsageTotals>

/// A change of the values of periods by added or removed rows. Each is read and written once in a transaction.
struct PeriodChange<Value: QuarterValue> {
    /// A table that changes.
    enum Table {
        /// That of the values.
        case values
        /// That of `TotalsRebuild`, while it runs.
        case differences

        /// The name in SQL.
        var name: String {
            switch self {
            case .values: Value.table
            case .differences: "temp.\(Value.table)_differences"
            }
        }
    }

    /// The direction of a change.
    enum Operation {
        case add
        case subtract
    }

    private struct Address: Hashable {
        let period: Int64
        let group: Int64
    }

    private var periods: [Address: PeriodValues<Value>] = [:]

    /// The number of values that change.
    var count: Int { periods.count }

    mutating func add(_ totals: Value, group: Int64, at quarter: Quarter) {
        periods[Address(period: quarter.period, group: group), default: PeriodValues()].add(
            totals, quarter: quarter.ofPeriod)
    }

    mutating func add(_ totals: PeriodValues<Value>, group: Int64, period: Int64) {
        periods[Address(period: period, group: group), default: PeriodValues()].add(totals)
    }

    /// Adds the collected totals to those of `table` at `place`, or subtracts them. The change is empty afterwards.
    mutating func apply(
        _ operation: Operation = .add, to place: TotalsPlace, of table: Table = .values, in database: Database
    ) throws {
        // Bound directly to SQLite, as in `UsageInsert`: under load nearly every row needs it.
        let read = try database.cachedStatement(
            sql: "SELECT entries FROM \(table.name) WHERE place = ? AND period = ? AND group_id = ?"
        ).sqliteStatement
        let insert = try database.cachedStatement(
            sql: "INSERT INTO \(table.name) (place, period, group_id, entries) VALUES (?, ?, ?, ?)"
        ).sqliteStatement
        let update = try database.cachedStatement(
            sql: "UPDATE \(table.name) SET entries = ?4 WHERE place = ?1 AND period = ?2 AND group_id = ?3"
        ).sqliteStatement
        let delete = try database.cachedStatement(
            sql: "DELETE FROM \(table.name) WHERE place = ? AND period = ? AND group_id = ?"
        ).sqliteStatement
        for (address, change) in periods {
            Self.bind(place, address, to: read)
            let (isThere, entries) = try Self.changed(read, database) { bytes in
                switch operation {
                case .add: change.added(to: bytes)
                case .subtract: change.subtracted(from: bytes)
                }
            }
            guard isThere || !entries.isEmpty else { continue }
            let statement = !isThere ? insert : entries.isEmpty ? delete : update
            Self.bind(place, address, to: statement)
            try Self.run(statement, entries, database)
        }
        periods.removeAll(keepingCapacity: true)
    }

    /// Returns the changed bytes of the totals that `statement` reads. `isThere` is false for new totals.
    private static func changed(
        _ statement: OpaquePointer, _ database: Database, _ change: (UnsafeRawBufferPointer) -> [UInt8]?
    ) throws -> (isThere: Bool, entries: [UInt8]) {
        defer { sqlite3_reset(statement) }
        let result = sqlite3_step(statement)
        guard result == SQLITE_ROW || result == SQLITE_DONE else { throw database.failure(result) }
        let isThere = result == SQLITE_ROW
        let bytes = UnsafeRawBufferPointer(
            start: isThere ? sqlite3_column_blob(statement, 0) : nil,
            count: isThere ? Int(sqlite3_column_bytes(statement, 0)) : 0)
        guard let entries = change(bytes) else { throw PeriodValues<Value>.damage }
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
        guard result == SQLITE_DONE else { throw database.failure(result) }
    }

    private static func bind(_ place: TotalsPlace, _ address: Address, to statement: OpaquePointer) {
        sqlite3_bind_int64(statement, 1, place.rawValue)
        sqlite3_bind_int64(statement, 2, address.period)
        sqlite3_bind_int64(statement, 3, address.group)
    }
}
