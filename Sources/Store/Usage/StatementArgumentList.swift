import GRDBSQLite
import Policy

/// The arguments of a prepared statement, bound one after the other.
///
/// The bytes of a Swift string are valid for one call, and SQLite needs them until the statement has run. So they are copied
/// to `scratch`, which is much cheaper than an allocation of SQLite for each.
///
/// Sound: `scratch` outlives the statement's run, and each argument has its own part of it. A text that does not fit is
/// copied by SQLite.
struct StatementArgumentList {
    private let statement: OpaquePointer
    private var scratch: UnsafeMutableRawBufferPointer.SubSequence
    private var position: CInt = 1

    /// Binds arguments of `statement` from the second one on.
    ///
    /// `scratch` has room for at least an id. It must stay valid and unchanged until the statement has run.
    init(statement: OpaquePointer, scratch: UnsafeMutableRawBufferPointer) {
        self.statement = statement
        self.scratch = scratch[...]
    }

    /// Tells SQLite that the bytes stay in place.
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
