import Foundation
import Policy

extension ZoneOffsets {
    /// Reads the offsets of `zone` from `first` to `last`, in seconds since 1970.
    package init(of zone: TimeZone, from first: Int64, to last: Int64) {
        // A comparison day by day, then a binary search, finds every change, not only those to and from summer time.
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
        self.init(periods: periods)
    }

    private static func offset(of zone: TimeZone, at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }
}
