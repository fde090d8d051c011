import Clocks
import Foundation
import GRDB

/// Adds up the hours, days and months that are over, for reports.
///
/// It works in the background, and no report waits for it. A span is announced, read without the write lock and then finished: a
/// change meanwhile removes it, and the next run begins anew.
package struct ClosedSpanBuilder: Sendable {
    /// The time after which few requests of a period are still to come. Late ones remove the spans that they are in.
    private static let slack = Duration.seconds(3600)

    private let database: LedgerDatabase
    private let zone: TimeZone

    /// Adds up the days of `database` in `timeZone`.
    package init(_ database: LedgerDatabase, timeZone: TimeZone) {
        self.database = database
        zone = timeZone
    }

    /// Adds up all days and months that were over at `now` and have no sums yet. Blocks: do not call it on an event loop.
    ///
    /// Call it once an hour. `isCancelled` ends it early; the next call continues.
    package func run(at now: Timestamp, isCancelled: () -> Bool = { false }) throws(LedgerError) {
        try WriteSlices.run { () throws(LedgerError) in
            try database.writing { try ClosedSpanTable.removeSome(exceptOf: zone.identifier, in: $0) }
        }
        // Those of ten years are a hundred thousand, so they are read at once.
        let ready = try database.reading { database in
            try SpanDetail.allCases.reduce(into: Set<SpanPlan>()) { ready, detail in
                let spans = try ClosedSpanTable.spans(detail, in: .always, of: database)
                ready.formUnion(spans.map { SpanPlan(detail: detail, quarters: $0.quarters) })
            }
        }
        var calendar = SpanCalendar(zone, closedBefore: Quarter(of: now + (.zero - Self.slack)).period)
        var longer: [Range<Quarter>] = []
        var next = Quarter(number: .min)
        try WriteSlices.run { () throws(LedgerError) in
            guard !isCancelled(), let day = try database.reading({ try calendar.firstDay(from: next, in: $0) }) else {
                return false
            }
            for span in calendar.longer(of: day) where !longer.contains(span) { longer.append(span) }
            try build(SpanPlan.ofDay(day, hours: calendar.hours(of: day)).filter { !ready.contains($0) })
            next = day.upperBound
            return true
        }
        // Months come after their quarters, which they are read from.
        var rest = longer[...]
        try WriteSlices.run { () throws(LedgerError) in
            guard !isCancelled(), let span = rest.popFirst() else { return false }
            try build(SpanPlan.ofDays(span).filter { !ready.contains($0) })
            return true
        }
    }

    /// Builds the spans of `plan`.
    private func build(_ plan: [SpanPlan]) throws(LedgerError) {
        guard !plan.isEmpty else { return }
        let numbers = try database.writing { database in
            try plan.map {
                try ClosedSpanTable.announce($0.quarters, $0.detail, zone: zone.identifier, in: database)
            }
        }
        let values = try database.reading { database in
            var groups: [SpanDetail: SpanGroups] = [:]
            return try plan.map { plan in
                try plan.values(&groups[plan.detail, default: SpanGroups(plan.detail, of: database)], in: database)
            }
        }
        try database.writing { database in
            for (number, values) in zip(numbers, values) { try ClosedSpanTable.finish(number, values, in: database) }
        }
    }
}
