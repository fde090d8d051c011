import Dispatch
import Logging
import Store
import Synchronization

/// Reads the keys again when another process has changed them, and its corrections of costs, 400 ms later at most.
///
/// Revoked keys stay valid while the database cannot be read, so the log has the beginning and the end of that state.
final class KeyReload: Sendable {
    private let read: @Sendable () -> LedgerError?
    private let log: Logger
    private let isFailing = Mutex(false)
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    /// - Parameter read: Reads the keys if they have changed. Returns its error, if any.
    init(log: Logger, read: @escaping @Sendable () -> LedgerError?) {
        self.read = read
        self.log = log
        timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        timer.setEventHandler { [weak self] in self?.reload() }
        // Dispatch traps on the release of a source that was never activated.
        timer.activate()
    }

    /// Starts to reload, until `cancel`.
    func start() {
        timer.schedule(
            deadline: .now() + .milliseconds(400), repeating: .milliseconds(400), leeway: .milliseconds(50))
    }

    func cancel() { timer.cancel() }

    /// Reads the keys if they have changed, and logs the first failure and the first success after it.
    func reload() {
        let trouble = read()
        let wasFailing = isFailing.withLock { isFailing in
            let wasFailing = isFailing
            isFailing = trouble != nil
            return wasFailing
        }
        if let trouble, !wasFailing {
            log.warning(
                "changes of keys do not take effect, revocations included: the keys cannot be read",
                metadata: ["cause": "\(trouble)"])
        } else if trouble == nil, wasFailing {
            log.notice("the keys can be read again; all changes have taken effect")
        }
    }
}
