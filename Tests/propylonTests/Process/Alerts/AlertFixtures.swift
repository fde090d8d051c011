import Clocks
import Foundation
import Loopback
import ManualTime
import Metrics
import Policy
import Settings
import Store
import Synchronization

@testable import propylon

extension AlertMessage.Origin {
    /// A gateway in Paris.
    static func test() throws -> AlertMessage.Origin {
        AlertMessage.Origin(try configuration("machine_name: gateway-1\ntime_zone: Europe/Paris\n"))
    }
}

/// A channel that answers as the test says, and keeps what it gets.
final class ScriptedChannel: AlertChannel {
    private let outcomes: Mutex<[AlertOutcome]>
    private let received = Mutex<[AlertMessage]>([])

    /// - Parameter outcomes: those of the first attempts. Further ones are delivered.
    init(_ outcomes: [AlertOutcome] = []) { self.outcomes = Mutex(outcomes) }

    /// The ids of the messages of all attempts.
    var ids: [String] { received.withLock { $0.map(\.id) } }

    /// The numbers of the events of all attempts.
    var numbers: [String] { ids.map { String($0.split(separator: "_")[1]) } }

    func deliver(_ message: AlertMessage) async -> AlertOutcome {
        received.withLock { $0.append(message) }
        return outcomes.withLock { $0.isEmpty ? .delivered("done") : $0.removeFirst() }
    }
}

/// Writes events into the ledger at once, and keeps their kinds.
final class StoredEvents: EventSink {
    let log: EventLog
    private let all = Mutex<[Event]>([])

    init(_ database: LedgerDatabase) { log = EventLog(database) }

    var events: [Event] { all.withLock { $0 } }
    var kinds: [EventKind] { events.map(\.kind) }

    func report(_ event: Event) {
        all.withLock { $0.append(event) }
        log.report(event)
        log.flush()
    }
}

extension AlertSchedule {
    /// Pauses of a millisecond.
    static var quick: AlertSchedule {
        var schedule = AlertSchedule()
        schedule.pauses = [.milliseconds(1)]
        schedule.poll = .milliseconds(1)
        return schedule
    }
}
