import Admin
import Policy

/// The limits of which most is taken, out of any number that is added.
///
/// A hundred thousand keys have a million limits: only those that a report has are kept, and put into words.
struct TightestLimits {
    let query: LimitsReport.Query
    /// The number of limits that counted.
    private var total = 0
    private var kept: [Entry] = []
    /// The percent that a further limit must exceed; nil while there is room.
    private var floor: Int?

    private struct Entry {
        var percent: Int
        var state: LimitState
        var key: KeyRecord
    }

    init(_ query: LimitsReport.Query) { self.query = query }

    /// Counts the limit `state` of `key`.
    mutating func add(_ state: LimitState, of key: KeyRecord) {
        let percent = state.percent
        guard percent >= query.above else { return }
        total += 1
        if let floor, percent <= floor { return }
        kept.append(Entry(percent: percent, state: state, key: key))
        // Sorting at twice the number costs each limit a constant share.
        if kept.count / 2 >= query.top { select() }
    }

    /// Keeps the tightest; of equal ones those that were added first.
    private mutating func select() {
        kept.sort { $0.percent > $1.percent }
        guard kept.count >= query.top else { return }
        kept.removeLast(kept.count - query.top)
        floor = kept.last?.percent
    }

    /// The report, the tightest limit first; equal ones in the order in which they were added.
    var report: LimitsReport {
        var selection = self
        selection.select()
        return LimitsReport(limits: selection.kept.map { LimitsReport.Limit($0.state, key: $0.key) }, total: total)
    }
}
