import Bytes

/// Usage that began in windows to come, because the clock was ahead for a while. It counts when these begin.
struct FutureUsage: Sendable {
    /// Usage of one request, or of many within a quarter of an hour; or a correction of its cost.
    struct Entry: Sendable {
        /// The start, in seconds since 1970.
        let second: Int64
        /// The scopes, as indices of `ScopeTable`.
        let scopes: ScopeTable.Indices
        let amounts: LimitAmounts
        var isOfBatches = false
        /// False for credits, which the account does not see.
        var concernsAccount = true
    }

    /// In the order of `second`.
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    /// Adds usage. Entries come rarely, and mostly in order.
    mutating func add(_ entry: Entry) {
        let place = entries.lastIndex { $0.second <= entry.second }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// Calls `body` for all usage within `seconds`.
    func forEach(in seconds: Range<Int64>, _ body: (Entry) -> Void) {
        for entry in entries.prefix(while: { $0.second < seconds.upperBound })
        where entry.second >= seconds.lowerBound { body(entry) }
    }

    /// Forgets usage before `second`, which has been counted.
    mutating func remove(before second: Int64) {
        let past = entries.prefix { $0.second < second }.count
        if past > 0 { entries.removeFirst(past) }
    }

    /// Forgets everything: a step of the clock reads the ledger again.
    mutating func removeAll() { entries = [] }
}
