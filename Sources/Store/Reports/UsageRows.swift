import Bytes
import Clocks
import GRDB
import Policy

/// The rows of the ledger, one a request, for invoices and for proof. Rows older than the retention are folded away.
package struct UsageRows: Sendable {
    /// The most rows whose ids want the same number. It takes several in one millisecond, once in millions.
    private static let neighbours: Int64 = 64

    private let database: LedgerDatabase
    private let slice: Int

    /// The rows of `database`.
    ///
    /// - Parameter slice: the rows that are read at once. Between two slices the write-ahead log can be emptied, however slowly
    ///   the rows are written on.
    package init(_ database: LedgerDatabase, slice: Int = 5_000) {
        self.database = database
        self.slice = slice
    }

    /// Calls `body` for each request from `since` (included) to `until` (excluded), nil for no bound, that `filter` admits, in
    /// the order of their starts.
    package func forEach(
        since: Timestamp? = nil, until: Timestamp? = nil, where filter: UsageFilter = UsageFilter(),
        _ body: (UsageRecord) -> Void
    ) throws(LedgerError) {
        var place = try begin(since: since, until: until, where: filter)
        while let slice = try next(&place) { slice.forEach(body) }
    }

    /// The place of a reader among the rows, for those who write them on one slice after the other.
    package struct Place: Sendable {
        fileprivate let filter: UsageFilter
        fileprivate let span: ClosedRange<Timestamp>
        /// The number of the last row that was read; nil at the end.
        fileprivate var last: Int64?
    }

    /// The place before the first request that `forEach` calls its body for.
    package func begin(
        since: Timestamp?, until: Timestamp?, where filter: UsageFilter
    ) throws(LedgerError) -> Place {
        let filter = try database.reading { try filter.resolvingKeys(in: $0) }
        let first = since ?? Timestamp(microseconds: .min)
        let end = until ?? Timestamp(microseconds: .max)
        let last = Timestamp(microseconds: end.microseconds.subtractingSaturated(1))
        return Place(filter: filter, span: first...max(first, last), last: first < end ? .min : nil)
    }

    /// Reads the requests of the next slice, perhaps none of them. Returns nil at the end.
    package func next(_ place: inout Place) throws(LedgerError) -> [UsageRecord]? {
        guard let number = place.last else { return nil }
        let span = ReportSpan.condition(place.span)
        let filter = place.filter
        let (records, next) = try database.reading { database in
            var records: [UsageRecord] = []
            var next: Int64?
            var count = 0
            try UsageTable.forEach(
                "\(span.sql) AND number > ? ORDER BY number LIMIT \(slice)",
                arguments: span.arguments + [number], in: database
            ) { record, number, _ in
                count += 1
                if count == slice { next = number }
                if filter.admits(UsageGroup(record)) { records.append(record) }
            }
            return (records, next)
        }
        place.last = next
        return records
    }

    /// The requests with `id`: the gateway's own, or the upstream's. A batch has a row for each of its models.
    ///
    /// The gateway's id is found at once. The upstream's ids have no index, since each row would pay for it: a million rows take
    /// about a tenth of a second.
    package func rows(withID id: String) throws(LedgerError) -> [UsageRecord] {
        try database.reading { database in
            var records: [UsageRecord] = []
            func read(_ condition: String, _ arguments: StatementArguments) throws {
                try UsageTable.forEach(condition, arguments: arguments, in: database) { record, _, _ in
                    records.append(record)
                }
            }
            if let id = RequestID(id) {
                let number = id.rowNumber
                try read(
                    "WHERE number BETWEEN ? AND ? AND id = ?",
                    [number, number.addingSaturated(Self.neighbours), id.data])
            }
            if records.isEmpty { try read("WHERE upstream_id = ? ORDER BY number", [id]) }
            return records
        }
    }

    /// The names of the keys by their ids.
    package func keyNames() throws(LedgerError) -> [String: String] {
        try database.reading { try UsageReport.keyNames($0) { _ in true } }
    }
}
