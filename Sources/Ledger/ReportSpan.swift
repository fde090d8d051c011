import Foundation
import GRDB
import Policy

/// The span of time that a report looks at, narrowed to what the ledger has, and the ids in which its requests lie.
struct ReportSpan {
    /// How far a request's id may be from its start. Ids are made within seconds of it, so that this is plenty.
    private static let slack = Duration.seconds(3600)

    /// The first moment.
    let first: Timestamp
    /// The last moment, itself in the span.
    let last: Timestamp
    /// No request of the span has an id outside of this.
    let ids: ClosedRange<RequestID>

    /// The span from `since` (included) to `until` (excluded); nil where no row can lie in it.
    init?(in database: Database, since: Timestamp?, until: Timestamp?) throws {
        guard
            let oldest = try Data.fetchOne(database, sql: "SELECT id FROM usage ORDER BY id LIMIT 1"),
            let newest = try Data.fetchOne(database, sql: "SELECT id FROM usage ORDER BY id DESC LIMIT 1")
        else { return nil }
        let earliest = Self.time(ofID: oldest) + (.zero - Self.slack)
        let latest = Self.time(ofID: newest) + Self.slack
        first = max(since ?? earliest, earliest)
        last = min(until.map { Timestamp(microseconds: $0.microseconds - 1) } ?? latest, latest)
        guard first <= last else { return nil }
        let lowest = Self.milliseconds(first + (.zero - Self.slack))
        let highest = Self.milliseconds(last + Self.slack)
        ids = RequestID(high: lowest << 16, low: 0)...RequestID(high: highest << 16 | 0xFFFF, low: .max)
    }

    private static func time(ofID id: Data) -> Timestamp {
        let milliseconds = id.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return Timestamp(microseconds: milliseconds * 1000)
    }

    private static func milliseconds(_ moment: Timestamp) -> UInt64 {
        UInt64(max(0, moment.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
    }
}
