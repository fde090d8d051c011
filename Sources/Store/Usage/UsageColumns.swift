import Clocks
import Foundation
import GRDB
import Policy

/// The columns of a usage row, in one order for INSERT and SELECT. The list, `bind` and `record` must agree.
enum UsageColumns {
    /// The columns of `usage_rows` that are the request's own.
    static let own: [String] =
        ["id", "upstream_id", "backend"] + Unit.allCases.map(\.column) + [
            "exactness", "cost", "started_at", "first_byte_at", "ended_at", "request_bytes", "response_bytes",
            "streamed",
            "ending", "counts_as_request",
        ]

    /// The columns that INSERT fills: the number, the group and the request's own.
    static let inserted = ["number", "group_id"] + own

    /// The columns that `record` reads: those of INSERT and the group's.
    static let selected = inserted + UsageGroup.columns

    /// The columns of the view `usage`.
    static let inView = ["usage_rows.id AS id"] + UsageGroup.columns + own.dropFirst() + ["number", "group_id"]

    /// Binds the request's own columns, in the order of `own`.
    static func bind(_ record: borrowing UsageRecord, to arguments: inout StatementArgumentList) {
        arguments.append(record.id)
        arguments.append(record.upstreamID)
        arguments.append(record.backend)
        for place in record.units.amounts.indices { arguments.append(record.units.amounts[place]) }
        arguments.append(record.exactness.rawValue)
        arguments.append(record.cost.amount)
        arguments.append(record.startedAt.microseconds)
        arguments.append(record.firstByteAt?.microseconds)
        arguments.append(record.endedAt.microseconds)
        arguments.append(record.requestBytes)
        arguments.append(record.responseBytes)
        arguments.append(Int64(record.streamed ? 1 : 0))
        arguments.append(record.ending.rawValue)
        arguments.append(Int64(record.countsAsRequest ? 1 : 0))
    }

    /// Reads a row of the columns `selected`.
    /// - Throws: `SQLITE_CORRUPT` if the row holds no id, or an unknown exactness or ending.
    static func record(_ row: Row) throws -> UsageRecord {
        let group = UsageGroup(row, from: inserted.count)
        var values = RowReader(row, from: inserted.count - own.count)
        guard let id = RequestID(data: values.next()) else { throw damage }
        var record = UsageRecord(
            id: id, keyID: group.keyID, team: group.team, endpoint: group.endpoint,
            startedAt: Timestamp(microseconds: 0))
        record.user = group.user
        record.tags = UsageTags.list(group.tags)
        record.modelAsked = group.modelAsked
        record.modelServed = group.modelServed
        record.status = Int(group.status)
        record.cause = group.cause
        record.refusedBy = group.refusedBy
        record.upstreamID = values.nextOptional()
        record.backend = values.nextOptional()
        for unit in Unit.allCases { record.units[unit] = values.next() }
        guard let exactness = Exactness(rawValue: values.next()) else { throw damage }
        record.exactness = exactness
        record.cost = NanoEuros(values.next())
        record.startedAt = Timestamp(microseconds: values.next())
        record.firstByteAt = values.nextOptional().map(Timestamp.init(microseconds:))
        record.endedAt = Timestamp(microseconds: values.next())
        record.requestBytes = values.next()
        record.responseBytes = values.next()
        record.streamed = values.next()
        guard let ending = Ending(rawValue: values.next()) else { throw damage }
        record.ending = ending
        record.countsAsRequest = values.next()
        return record
    }

    private static var damage: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of the usage cannot be read")
    }
}

/// Reads the columns of a row one after the other.
struct RowReader {
    private let row: Row
    private var index: Int

    /// Reads `row` from the column `index` on.
    init(_ row: Row, from index: Int) {
        self.row = row
        self.index = index
    }

    /// Reads the next column, which is not null.
    mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>() -> Value {
        defer { index += 1 }
        return row[index]
    }

    /// Reads the next column, which may be null.
    mutating func nextOptional<Value: DatabaseValueConvertible & StatementColumnConvertible>() -> Value? {
        defer { index += 1 }
        return row[index]
    }
}
