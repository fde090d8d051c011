import Bytes
import Clocks
import GRDB
import Policy

/// Computes the costs of rows again from their units, in short transactions while a gateway serves.
///
/// Rows, their totals and the trace change together. Each transaction is complete in itself: after a death in between, the next run
/// finds the changed rows right and goes on.
package struct Repricing {
    /// The state of a repricing, for people.
    package struct Progress: Sendable, Equatable {
        /// The rows that were read.
        package var read = 0
        /// The rows whose cost has changed.
        package var changed = 0
        /// The sum of their costs before.
        package var before = NanoEuros.zero
        /// The sum after.
        package var after = NanoEuros.zero
        /// All rows of the time.
        package let rows: Int
    }

    /// The rows of one transaction: about 20 ms.
    static let rowsOfSlice = 1000

    /// A group of corrections: they count in the same windows of the same limits.
    private struct Address: Hashable {
        let owner: UsageOwner
        let quarter: Quarter
    }

    /// The corrections as they are written, without what changed.
    private let trace: Correction
    private let since: Timestamp
    private let price: (UsageRecord) -> NanoEuros?
    /// The number of the last row that was read.
    private var last = Int64.min
    private(set) var progress: Progress

    fileprivate init(
        since: Timestamp, _ trace: Correction, rows: Int, price: @escaping (UsageRecord) -> NanoEuros?
    ) {
        self.since = since
        self.trace = trace
        self.price = price
        progress = Progress(rows: rows)
    }

    /// Reprices the next rows. Returns false where there are no more. Call it in a transaction.
    mutating func repriceSlice(in database: Database, atMost limit: Int = rowsOfSlice) throws -> Bool {
        let condition = ReportSpan.condition(since: since)
        var rows = 0
        var changed: [(number: Int64, cost: NanoEuros)] = []
        var totals = TotalsChange()
        var corrections: [Address: (correction: Correction, group: Int64)] = [:]
        var slice = progress
        var last = last
        try UsageTable.forEach(
            "\(condition.sql) AND number > ? ORDER BY number LIMIT ?",
            arguments: condition.arguments + [last, limit], in: database
        ) { record, number, group in
            rows += 1
            last = number
            guard let cost = price(record), cost != record.cost else { return }
            changed.append((number, cost))
            let quarter = Quarter(of: record.startedAt)
            totals.add(UsageTotals(costOf: record, changedTo: cost), group: group, at: quarter)
            var one = trace
            (one.keyID, one.team) = (record.keyID, record.team)
            (one.requests, one.before, one.after) = (1, record.cost, cost)
            let address = Address(owner: UsageOwner(record), quarter: quarter)
            if corrections[address]?.correction.add(one) == nil { corrections[address] = (one, group) }
            slice.changed += 1
            slice.before = slice.before + record.cost
            slice.after = slice.after + cost
        }
        try Self.write(changed, in: database)
        try totals.apply(to: .rows, in: database)
        for (address, correction) in corrections {
            try CorrectionTable.insert(
                correction.correction, at: Timestamp(seconds: address.quarter.second), group: correction.group,
                into: database)
        }
        slice.read += rows
        (progress, self.last) = (slice, last)
        return rows == limit
    }

    private static func write(_ changed: [(number: Int64, cost: NanoEuros)], in database: Database) throws {
        let update = try database.cachedStatement(sql: "UPDATE usage_rows SET cost = ? WHERE number = ?")
        for row in changed { try update.execute(arguments: [row.cost.amount, row.number]) }
    }
}

extension LedgerDatabase {
    /// Computes the costs of requests that began at `since` or later again, and corrects rows, totals and trace.
    ///
    /// A gateway may run: the write lock is held for milliseconds at a time, and limits follow by the corrections. Rows that
    /// retention has folded stay. Blocks for about ten seconds for a million rows.
    /// - Parameters:
    ///   - actor: who reprices, for the trace.
    ///   - price: the price of a row; nil to leave it as it is.
    ///   - progress: called after each transaction.
    package func reprice(
        since: Timestamp, by actor: AuditActor, reason: String, at now: Timestamp,
        price: @escaping (UsageRecord) -> NanoEuros?, progress: (Repricing.Progress) -> Void = { _ in }
    ) throws(LedgerError) -> Repricing.Progress {
        let condition = ReportSpan.condition(since: since)
        let rows = try reading { database in
            try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM usage_rows \(condition.sql)", arguments: condition.arguments) ?? 0
        }
        let trace = Correction(
            kind: .reprice, madeAt: now, madeBy: actor.name, reason: reason, keyID: "", team: nil, requests: 0,
            before: .zero,
            after: .zero)
        // Before the first change: a repricing that dies on its way has changed something.
        try writing { database in
            try AuditTable.append(
                .reprice, by: actor, at: now,
                after: AuditMembers(["since": .text(since.utcText), "reason": .text(reason)]), to: database)
        }
        var repricing = Repricing(since: since, trace, rows: rows, price: price)
        try WriteSlices.run { () throws(LedgerError) in
            let goesOn = try writing { [repricing] database in
                var next = repricing
                let goesOn = try next.repriceSlice(in: database)
                return (goesOn, next)
            }
            repricing = goesOn.1
            progress(repricing.progress)
            return goesOn.0
        }
        return repricing.progress
    }
}
