import Foundation
import Policy

/// The offsets from UTC that a time zone has within a span of time, and since when each.
///
/// Hours, days and months of a zone become integer arithmetic with them, which SQLite does itself for each row.
struct ZoneOffsets: Equatable {
    struct Period: Equatable {
        /// The first second with this offset, since 1970.
        let start: Int64
        /// Seconds east of UTC.
        let offset: Int64
    }

    /// In the order of time; the first one also holds for everything before it.
    let periods: [Period]

    /// The offsets of `zone` from `first` to `last`, in seconds since 1970.
    init(of zone: TimeZone, from first: Int64, to last: Int64) {
        // Compared day by day, then narrowed down: this sees every change, not only those to and from summer time.
        var periods = [Period(start: first, offset: Self.offset(of: zone, at: first))]
        var known = first
        while known < last {
            let next = min(known + 86_400, last)
            let offset = Self.offset(of: zone, at: next)
            if offset != periods[periods.count - 1].offset {
                var before = known
                var after = next
                while after - before > 1 {
                    let middle = before + (after - before) / 2
                    if Self.offset(of: zone, at: middle) == offset { after = middle } else { before = middle }
                }
                periods.append(Period(start: after, offset: offset))
            }
            known = next
        }
        self.periods = periods
    }

    private static func offset(of zone: TimeZone, at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    /// An SQL expression for the offset at the time `seconds`, itself an SQL expression.
    func sql(at seconds: String) -> String {
        guard periods.count > 1 else { return "(\(periods[0].offset))" }
        let arms = zip(periods, periods.dropFirst()).map { period, next in
            "WHEN \(seconds) < \(next.start) THEN \(period.offset)"
        }
        return "(CASE \(arms.joined(separator: " ")) ELSE \(periods[periods.count - 1].offset) END)"
    }
}
