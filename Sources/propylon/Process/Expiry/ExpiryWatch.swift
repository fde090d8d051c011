import Clocks
import Dispatch
import Logging
import Policy
import Store
import Synchronization

/// Looks for certificates and keys that expire soon, and gives each notice once, also over restarts.
///
/// A look takes the notices that are due, and unknown to this process, to the store, which knows those of others. So a store out
/// of reach delays them, and nothing is kept but what is due.
final class ExpiryWatch: Sendable {
    /// Seconds between two looks.
    private static let pause = 10

    private struct State {
        var files: [CertificateFile]
        /// The clocks that warnings are for.
        var timeText: TimeText
        /// The notices that are due, and given.
        var given: Set<ExpiryNotice> = []
        var isFailing = false
    }

    private let keys: any KeyDirectory
    private let events: EventReporter
    private let log: Logger
    let time: any TimeSource
    private let state: Mutex<State>
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    /// Watches `files`, and the keys of `keys`. Warnings have times as `timeText` says.
    init(
        _ files: [CertificateFile], keys: any KeyDirectory, events: EventReporter, log: Logger, time: any TimeSource,
        timeText: TimeText
    ) {
        self.keys = keys
        self.events = events
        self.log = log
        self.time = time
        state = Mutex(State(files: files, timeText: timeText))
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "propylon.expiry", qos: .utility))
        timer.setEventHandler { [weak self] in self?.look() }
        // Dispatch traps on the release of a source that was never activated.
        timer.activate()
    }

    /// The files that are watched now.
    var files: [CertificateFile] { state.withLock { $0.files } }

    /// Watches `files` from now on, and writes times as `timeText` says.
    func use(_ files: [CertificateFile], _ timeText: TimeText) {
        state.withLock { ($0.files, $0.timeText) = (files, timeText) }
    }

    /// The active keys that expire soon, the first to expire first.
    var expiringKeys: [KeyRecord] { keys.keys.expiring(at: time.now).map(\.key) }

    /// The certificates that are not valid, or not for much longer.
    var warnings: [CertificateWarning] {
        let now = time.now
        let (files, timeText) = state.withLock { ($0.files, $0.timeText) }
        return files.flatMap { $0.warnings(at: now, timeText) }
    }

    /// Says in the log what expires soon, whatever was said before, and looks until `cancel`.
    func start() {
        log.report(warnings)
        let expiring = expiringKeys
        if let first = expiring.first, let end = first.expiresAt {
            log.warning(
                "keys expire soon, see propylon status",
                metadata: ["keys": "\(expiring.count)", "first": "\(first.name)", "expires_at": .moment(end)])
        }
        timer.schedule(deadline: .now(), repeating: .seconds(Self.pause), leeway: .seconds(1))
    }

    func cancel() { timer.cancel() }

    /// Gives the notices that are due. Blocks.
    func look() {
        let now = time.now
        let (files, given) = state.withLock { ($0.files, $0.given) }
        let due =
            files.flatMap { $0.notices(at: now) }
            + keys.keys.expiring(at: now).map { ($0.notice, Event($0.notice, of: $0.key, at: now)) }
        do throws(LedgerError) {
            let new = due.filter { !given.contains($0.notice) }
            if !new.isEmpty { try events.report(new) }
            state.withLock { state in
                state.given = Set(due.map(\.notice))
                state.isFailing = false
            }
        } catch { reportFailure(error) }
    }

    /// Logs the first of several failures. The next look tries again.
    private func reportFailure(_ error: LedgerError) {
        let isNew = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        guard isNew else { return }
        log.warning("notices of keys and certificates that expire wait for the ledger", metadata: ["cause": "\(error)"])
    }
}

extension Logger {
    /// Writes a line about each of `warnings`.
    func report(_ warnings: [CertificateWarning]) {
        for warning in warnings { log(level: warning.isFault ? .error : .warning, "\(warning.message)") }
    }
}
