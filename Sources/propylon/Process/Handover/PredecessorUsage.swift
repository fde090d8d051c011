import Clocks
import Foundation
import Logging
import Policy
import Store
import Synchronization

/// Charges the limits of this process with the rows that its predecessor still writes, each once.
///
/// A row comes before it is committed. If the predecessor dies, the same row may be in its journal too.
final class PredecessorUsage: Sendable {
    private let limiter: Limiter
    private let storage: GatewayStorage
    private let log: Logger
    private let time: any TimeSource
    private let charged = Mutex<Set<RequestID>>([])

    init(_ limiter: Limiter, _ storage: GatewayStorage, log: Logger, time: any TimeSource) {
        self.limiter = limiter
        self.storage = storage
        self.log = log
        self.time = time
    }

    /// Charges `rows`, but for those that came before.
    func charge(_ rows: [HandedOverUsage]) {
        let new = charged.withLock { charged in
            rows.filter { row in
                row.id.count == 2 && charged.insert(RequestID(high: row.id[0], low: row.id[1])).inserted
            }
        }
        guard !new.isEmpty else { return }
        let now = time.limitTime
        let history = LimitHistory(of: new.map(\.request), in: limiter.historySpan(at: now))
        limiter.restore(history, keys: storage.keys.keys, at: now)
    }

    /// The failures after which a journal is left to the next start, with a second between them.
    private static let mostFailures = 30

    /// Moves the rows of journals without a process into the ledger, until no other process has a journal. Blocks.
    func adoptJournals() {
        var failures = 0
        while failures < Self.mostFailures {
            do throws(LedgerError) {
                let adoption = try storage.ledger.adopt()
                charge(adoption.records.map { HandedOverUsage($0) })
                storage.report(adoption.recovery, log)
                if !adoption.othersLive { return }
                Thread.sleep(forTimeInterval: 0.1)
            } catch {
                if failures == 0 {
                    log.error("the journal of the process before cannot be read; it is tried again: \(error)")
                }
                failures += 1
                Thread.sleep(forTimeInterval: 1)
            }
        }
        log.error("the journal of the process before is left to the next start: limits do not know its rows until then")
    }
}
