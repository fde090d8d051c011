import Clocks
import Dispatch
import Foundation
import Logging
import Settings
import Store
import Synchronization

/// Folds old rows of the ledger into daily totals, and adds up the days that are over: one minute after the start, then every hour.
final class RetentionSchedule: Sendable {
    private struct Rule {
        /// The age at which rows are folded; nil to keep every row.
        var age: Duration?
        var timeZone: TimeZone
    }

    private let database: LedgerDatabase
    private let log: Logger
    private let time: any TimeSource
    private let rule: Mutex<Rule>
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    init(_ database: LedgerDatabase, _ configuration: Configuration, log: Logger, time: any TimeSource) {
        self.database = database
        self.log = log
        self.time = time
        rule = Mutex(Rule(age: configuration.metering.retention, timeZone: configuration.timeZone))
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "propylon.retention", qos: .utility))
        timer.setEventHandler { [weak self] in self?.fold() }
        // Dispatch traps on the release of a source that was never activated.
        timer.activate()
    }

    /// Starts to fold rows, until `cancel`.
    func start() {
        timer.schedule(deadline: .now() + .seconds(60), repeating: .seconds(3600), leeway: .seconds(10))
    }

    /// Uses the retention of `configuration` from the next hour on.
    func use(_ configuration: Configuration) {
        rule.withLock { $0 = Rule(age: configuration.metering.retention, timeZone: configuration.timeZone) }
    }

    func cancel() { timer.cancel() }

    /// Folds all rows of the days before the retention, and adds up the days that are over. Blocks.
    func fold() {
        let rule = rule.withLock { $0 }
        let now = time.now
        do {
            let folded = try Retention(database, timeZone: rule.timeZone).run(
                before: rule.age.map { now + (.zero - $0) }, at: now, isCancelled: { timer.isCancelled })
            if folded > 0 { log.info("old rows are daily totals now", metadata: ["rows": "\(folded)"]) }
            try ClosedSpanBuilder(database, timeZone: rule.timeZone).run(at: now, isCancelled: { timer.isCancelled })
        } catch {
            log.error("old usage cannot be added up; the next try is in an hour: \(error)")
        }
    }
}
