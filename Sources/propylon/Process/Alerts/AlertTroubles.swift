import Synchronization

/// The recipients of alerts whose attempts fail now, with the reasons.
final class AlertTroubles: Sendable {
    private let reasons = Mutex<[String: String]>([:])

    /// One sentence for each recipient, by their names.
    var texts: [String] {
        reasons.withLock { reasons in
            reasons.sorted { $0.key < $1.key }.map { "alerts for \($0.key) wait: \($0.value)" }
        }
    }

    /// Sets the reason for which alerts for `recipient` wait; nil for none.
    func set(_ reason: String?, of recipient: String) { reasons.withLock { $0[recipient] = reason } }

    /// Forgets all, at the start of other queues.
    func clear() { reasons.withLock { $0.removeAll() } }
}
