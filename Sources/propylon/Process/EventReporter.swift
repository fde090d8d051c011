import Clocks
import Logging
import Policy
import Store
import Synchronization

/// Tells administrators of events: a line in the log at once, and a row in the ledger soon.
final class EventReporter: EventSink {
    private let log: Logger
    private let events: EventLog
    private let time: any TimeSource
    private let loss = Mutex(LastingState())

    init(_ events: EventLog, log: Logger, time: any TimeSource = .system) {
        self.events = events
        self.log = log
        self.time = time
    }

    func report(_ event: Event) {
        writeLine(event)
        if events.report(event) { noteKept() } else { noteLost() }
    }

    private func noteLost() {
        guard loss.withLock({ $0.failed(at: time.monotonic) }) else { return }
        log.warning("events are lost, alerts about them too: too many wait for the ledger; see its own errors")
    }

    private func noteKept() {
        guard let lost = loss.withLock({ $0.succeeded(at: time.monotonic) }) else { return }
        log.notice("events are kept again", metadata: ["lost": "\(lost)"])
    }

    /// Reports those notices that were never given, also by processes of before. Blocks.
    func report(_ notices: [(notice: ExpiryNotice, event: Event)]) throws(LedgerError) {
        try events.write(notices) { new in new.forEach(writeLine) }
    }

    private func writeLine(_ event: Event) {
        log.log(level: event.kind.level, event.message, metadata: event.metadata)
    }
}

extension EventKind {
    /// The level of a line about such an event.
    fileprivate var level: Logger.Level {
        switch severity {
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

extension Event {
    fileprivate var message: Logger.Message { "\(kind.summary)" }

    /// What the line says. Names of users are not logged.
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["event": "\(kind.rawValue)", "subject": "\(subject)"]
        if let cause { metadata["cause"] = "\(cause.rawValue)" }
        if let detail { metadata["detail"] = "\(detail)" }
        if count > 1 { metadata["count"] = "\(count)" }
        for fact in facts where fact.name != "user" { metadata[fact.name] = fact.value.metadata }
        return metadata
    }
}

extension Event.Fact.Value {
    /// The value as text; a time in UTC.
    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .time(let moment): moment.utcText
        }
    }

    fileprivate var metadata: Logger.MetadataValue {
        if case .time(let moment) = self { .moment(moment) } else { "\(text)" }
    }
}
