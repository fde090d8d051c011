import Clocks
import Logging
import Policy
import Synchronization

/// What a collector gets, each in messages of its own (OTLP 1.9, "OTLP/HTTP Request").
enum TelemetrySignal: String, Sendable, CaseIterable {
    case traces, metrics

    /// The path of its messages.
    var path: String { "/v1/\(rawValue)" }
}

/// The troubles of an export with its collector, one for each signal, since a collector may take one of them alone. The log has
/// their beginning and their end.
final class TelemetryTroubles: Sendable {
    private struct State {
        var trouble = LastingState()
        var reason = ""
    }

    private let log: Logger
    private let states = Mutex<[TelemetrySignal: State]>([:])

    init(log: Logger) { self.log = log }

    /// One sentence for each signal that the collector does not take now.
    var texts: [String] {
        states.withLock { states in
            TelemetrySignal.allCases.compactMap { signal in
                guard let state = states[signal], state.trouble.isOn else { return nil }
                return "the collector does not take telemetry (\(signal.rawValue)): \(state.reason)"
            }
        }
    }

    /// Notes the outcome of a message with `signal`.
    func note(_ outcome: Collector.Outcome, of signal: TelemetrySignal, at now: MonotonicTime) {
        guard let reason = outcome.trouble else {
            let failures = states.withLock { $0[signal, default: State()].trouble.succeeded(at: now) }
            if let failures {
                log.notice(
                    "the collector takes telemetry again",
                    metadata: ["signal": "\(signal.rawValue)", "failures": "\(failures)"])
            }
            return
        }
        let begins = states.withLock { states in
            states[signal, default: State()].reason = reason
            return states[signal, default: State()].trouble.failed(at: now)
        }
        if begins {
            log.warning(
                "the collector does not take telemetry: check telemetry.endpoint",
                metadata: ["signal": "\(signal.rawValue)", "reason": "\(reason)"])
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
