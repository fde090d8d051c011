import Clocks
import Logging
import Metrics
import Policy
import Synchronization

/// What became of the messages to the collector: counters, and a line in the log at the beginning and the end of a trouble. They
/// outlast reloads.
final class TelemetryCounts: Sendable {
    /// Requests whose spans the collector has taken.
    let sent: Counter
    /// Requests whose spans are lost.
    let dropped: Counter
    private let log: Logger
    private let state = Mutex<(trouble: LastingState, reason: String?)>((LastingState(), nil))

    /// Registers the counters with `registry`.
    init(_ registry: MetricRegistry, log: Logger) {
        let requests = registry.counter(
            "propylon_telemetry_requests_total",
            "Requests with a recorded trace: sent to the collector, or dropped, since it was out of reach, refused them or was too slow.",
            labels: ["outcome"])
        sent = requests.with(labels: ["sent"])
        dropped = requests.with(labels: ["dropped"])
        self.log = log
    }

    /// The trouble with the collector, in words; nil where it takes everything.
    var trouble: String? { state.withLock { $0.trouble.isOn ? $0.reason : nil } }

    /// Notes the outcome of a message.
    func note(_ outcome: Collector.Outcome, at now: MonotonicTime) {
        guard let reason = outcome.trouble else {
            let failures = state.withLock { $0.trouble.succeeded(at: now) }
            if let failures {
                log.notice("the collector takes telemetry again", metadata: ["failures": "\(failures)"])
            }
            return
        }
        let begins = state.withLock { state in
            state.reason = reason
            return state.trouble.failed(at: now)
        }
        if begins {
            log.warning(
                "the collector does not take telemetry: check telemetry.endpoint", metadata: ["reason": "\(reason)"])
        }
    }
}

extension Collector.Outcome {
    /// True where the collector has taken the message.
    var isTaken: Bool { if case .taken = self { true } else { false } }

    /// What is wrong, in words; nil where all is well.
    fileprivate var trouble: String? {
        switch self {
        case .taken(let rejected): rejected
        case .refused(let reason), .later(let reason, _): reason
        }
    }
}
