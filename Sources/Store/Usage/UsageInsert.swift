import Foundation
import GRDB
import GRDBSQLite
import Policy

/// Puts usage records into the database: one prepared statement, its arguments bound straight to SQLite.
///
/// GRDB's own arguments box each value in an array of enums first, which costs more than SQLite's insertion itself; at
/// one row a request that would be felt.
enum UsageInsert {
    private static let columns = [
        "number", "id", "group_id", "upstream_id", "backend", "input_tokens", "output_tokens", "reasoning_tokens",
        "cached_tokens", "audio_minutes", "characters", "images", "search_units", "exactness", "cost", "started_at",
        "first_byte_at", "ended_at", "request_bytes", "response_bytes", "streamed", "ending",
    ]

    private static let sql = """
        INSERT INTO usage_rows (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT DO NOTHING
        """

    /// Room for the text of a usual row, several times over. What does not fit is copied by SQLite.
    private static let scratchBytes = 2048

    /// Inserts the rows at `range`, each with the number that `group` has for it, and hands both to `inserted`; one whose id is there
    /// already is passed over. Call it in a transaction.
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
                    bind(
                        rows[index].record, group: number,
                        to: StatementArgumentList(statement: statement, scratch: scratch))
                    if try put(rows[index].record.id, statement, database) { inserted(rows[index].record, number) }
                }
            }
        }
    }

    /// Runs `statement` for the request `id`, at the first free number; false where its row is there already.
    private static func put(_ id: RequestID, _ statement: OpaquePointer, _ database: Database) throws -> Bool {
        var number = id.rowNumber
        while true {
            sqlite3_bind_int64(statement, 1, number)
            let result = sqlite3_step(statement)
            sqlite3_reset(statement)
            guard result == SQLITE_DONE else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: result), message: database.lastErrorMessage, sql: sql)
            }
            if sqlite3_changes(database.sqliteConnection) > 0 { return true }
            let other = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT id FROM usage_rows WHERE number = ?"), arguments: [number])
            if other == id.data { return false }
            number += 1
        }
    }

    /// Binds the members in the order of `columns`, from the second one on.
    private static func bind(
        _ record: borrowing UsageRecord, group: Int64, to arguments: consuming StatementArgumentList
    ) {
        var list = arguments
        list.append(record.id)
        list.append(group)
        list.append(record.upstreamID)
        list.append(record.backend)
        list.append(record.units.inputTokens)
        list.append(record.units.outputTokens)
        list.append(record.units.reasoningTokens)
        list.append(record.units.cachedTokens)
        list.append(record.units.audioMinutes)
        list.append(record.units.characters)
        list.append(record.units.images)
        list.append(record.units.searchUnits)
        list.append(record.exactness.rawValue)
        list.append(record.cost.amount)
        list.append(record.startedAt.microseconds)
        list.append(record.firstByteAt?.microseconds)
        list.append(record.endedAt.microseconds)
        list.append(record.requestBytes)
        list.append(record.responseBytes)
        list.append(Int64(record.streamed ? 1 : 0))
        list.append(record.ending.rawValue)
    }
}

/// The arguments of a prepared statement, bound one after the other.
///
/// The bytes of a Swift string are lent for the length of one call, and SQLite needs them until the statement has run. So
/// they are copied to `scratch`, which is much cheaper than the memory that SQLite would allocate for each.
private struct StatementArgumentList {
    private let statement: OpaquePointer
    private var scratch: UnsafeMutableRawBufferPointer.SubSequence
    private var position: CInt = 1

    /// Arguments from the second one on. `scratch` has room for at least an id, and has to stay valid and unchanged until the statement has run.
    init(statement: OpaquePointer, scratch: UnsafeMutableRawBufferPointer) {
        self.statement = statement
        self.scratch = scratch[...]
    }

    /// Tells SQLite that the bytes stay where they are.
    private static var kept: sqlite3_destructor_type? { nil }
    /// Tells SQLite to copy the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    mutating func append(_ value: Int64) {
        position += 1
        sqlite3_bind_int64(statement, position, value)
    }

    mutating func append(_ value: Int64?) {
        guard let value else { return appendNull() }
        append(value)
    }

    mutating func append(_ value: String) {
        position += 1
        var value = value
        value.withUTF8 { bytes in
            let count = bytes.count
            let room = UnsafeMutableRawBufferPointer(rebasing: scratch)
            if count < room.count, let start = room.baseAddress {
                room.copyMemory(from: UnsafeRawBufferPointer(bytes))
                bind(start, count, Self.kept)
                scratch = scratch.dropFirst(count)
            } else if let start = bytes.baseAddress {
                bind(start, count, Self.copied)
            }
        }
    }

    mutating func append(_ value: String?) {
        guard let value else { return appendNull() }
        append(value)
    }

    mutating func append(_ value: RequestID) {
        position += 1
        withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: scratch.prefix(bytes.count))
            room.copyMemory(from: bytes)
            sqlite3_bind_blob(statement, position, room.baseAddress, CInt(bytes.count), Self.kept)
        }
        scratch = scratch.dropFirst(16)
    }

    private func bind(_ start: UnsafeRawPointer, _ count: Int, _ lifetime: sqlite3_destructor_type?) {
        sqlite3_bind_text(statement, position, start.assumingMemoryBound(to: CChar.self), CInt(count), lifetime)
    }

    private mutating func appendNull() {
        position += 1
        sqlite3_bind_null(statement, position)
    }
}
