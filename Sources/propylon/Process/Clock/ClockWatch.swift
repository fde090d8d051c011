import Clocks
import Dispatch
import Logging
import Policy
import Store
import Synchronization

/// Looks for steps of the wall clock, and makes the gateway follow them.
///
/// A step leads to windows whose usage the ledger has. Until it is read, time passes as if the clock had not been set.
final class ClockWatch: Sendable {
    private let time: FollowedTime
    private let limiter: Limiter
    private let keys: any KeyDirectory
    private let history: @Sendable (LimitHistory.Span) throws(LedgerError) -> LimitHistory?
    private let log: Logger
    private let isFailing = Mutex(false)
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    /// - Parameter history: Commits all rows and reads the ledger. Returns nil while rows cannot be committed.
    init(
        _ time: FollowedTime, _ limiter: Limiter, keys: any KeyDirectory, log: Logger,
        history: @escaping @Sendable (LimitHistory.Span) throws(LedgerError) -> LimitHistory?
    ) {
        self.time = time
        self.limiter = limiter
        self.keys = keys
        self.history = history
        self.log = log
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "propylon.clock", qos: .utility))
        timer.setEventHandler { [weak self] in self?.look() }
        // Dispatch traps on the release of a source that was never activated.
        timer.activate()
    }

    /// Starts to look, until `cancel`.
    func start() {
        timer.schedule(
            deadline: .now() + .milliseconds(500), repeating: .milliseconds(500), leeway: .milliseconds(50))
    }

    func cancel() { timer.cancel() }

    /// Follows the wall clock if it was set. Blocks while the ledger is read.
    func look() {
        guard let step = time.step else { return }
        do throws(LedgerError) {
            guard let history = try history(limiter.historySpan(at: step.now)) else {
                return reportFailure(step.size, cause: "rows wait to be committed")
            }
            limiter.step(to: step.now, history, keys: keys.keys)
            time.adopt(step.now)
            isFailing.withLock { $0 = false }
            log.warning(
                "the wall clock was set; limits and rows follow it, and usage of times to come counts when they come",
                metadata: ["step": "\(step.size)"])
        } catch { reportFailure(step.size, cause: "\(error)") }
    }

    /// Logs the first of several failures.
    private func reportFailure(_ step: Duration, cause: String) {
        let isNew = isFailing.withLock { isFailing in
            defer { isFailing = true }
            return !isFailing
        }
        guard isNew else { return }
        log.error(
            "the wall clock was set, and limits and rows keep to the time before: the ledger cannot be read",
            metadata: ["step": "\(step)", "cause": "\(cause)"])
    }
}
