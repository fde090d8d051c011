import Gateway
import Logging
import Policy
import Synchronization

/// Writes warnings about usage into the log, each once.
final class UsageWarningLog: UsageWarnings {
    private let log: Logger
    /// Missing prices that the log has reported. Bounded, since clients name models.
    private let unpriced = Mutex<Set<MissingPrice>>([])
    private static let unpricedLimit = 256
    /// The endpoints whose usage could not be read.
    private let unread = Mutex<Set<String>>([])

    init(_ log: Logger) { self.log = log }

    func hasNoPrice(_ missing: MissingPrice) {
        let isNew = unpriced.withLock { $0.count < Self.unpricedLimit && $0.insert(missing).inserted }
        guard isNew else { return }
        log.warning("\(missing)", metadata: missing.model.map { ["model": "\($0)"] })
    }

    func hasUnreadUsage(_ endpoint: String) {
        guard unread.withLock({ $0.insert(endpoint).inserted }) else { return }
        log.warning(
            "an endpoint states its usage in units that are not known: it is estimated, and its rows say so",
            metadata: ["endpoint": "\(endpoint)"])
    }
}
