import Bytes
import Clocks
import Dispatch
import Metrics
import Policy
import Store
import Transport

/// Delivers the alerts of one recipient, one after the other in their order, until its task is cancelled.
///
/// An alert is tried until the recipient has it, or until it is given up for its age. Its position is noted after the delivery, so
/// a process that dies in between delivers it again, with the same id.
struct AlertQueue: Sendable {
    /// What the queues of a gateway share.
    struct Context: Sendable {
        let database: LedgerDatabase
        let events: any EventSink
        let schedule: AlertSchedule
        let time: any TimeSource
        /// Attempts by recipient and result.
        let attempts: CounterFamily
        let troubles: AlertTroubles
    }

    /// The failures in a row that are an event. The pauses between them bound the events of two recipients that hear of each
    /// other's failures, and fail for each.
    private static let lasting: Int64 = 2

    let route: AlertRoute
    let origin: AlertMessage.Origin
    let context: Context
    /// The queue of the database, which may wait for its lock.
    private let work = DispatchQueue(label: "propylon.alerts.database", qos: .utility)

    init(_ route: AlertRoute, _ origin: AlertMessage.Origin, _ context: Context) {
        self.route = route
        self.origin = origin
        self.context = context
    }

    private var recipient: AlertRecipient { route.recipient }

    /// Delivers from `progress` on. Returns when the task is cancelled, or where the recipient wants no more alerts.
    func run(from progress: AlertProgress) async {
        var progress = progress
        while !Task.isCancelled {
            guard let alert = await next(&progress) else {
                await pause(context.schedule.poll)
                continue
            }
            let outcome = await route.channel.deliver(AlertMessage(alert, from: origin))
            // An attempt that a reload or the end has cut off says nothing about the recipient, which may have another queue now.
            guard !Task.isCancelled || outcome.isDelivered else { return }
            progress.triedAt = context.time.now
            switch outcome {
            case .delivered:
                count("delivered")
                await delivered(alert, &progress)
            case .failed(let reason, let wished):
                count("failed")
                await failed(reason, wished, &progress)
            case .gone(let reason):
                count("gone")
                progress.lastError = reason
                progress.nextAt = nil
                await note(progress)
                context.troubles.set("\(reason); a reload or a restart tries again", of: recipient.name)
                return report(.alertsGivenUp, detail: reason)
            }
        }
    }

    /// The first alert that waits and is not given up; nil without one, and while the database cannot be read.
    private func next(_ progress: inout AlertProgress) async -> NumberedEvent? {
        let start = progress.position
        var givenUp: Int64 = 0
        var found: NumberedEvent?
        var passed: Int64?
        while found == nil, let look = await look(after: progress.position) {
            guard let alert = look.alert else {
                passed = look.newest
                break
            }
            if isOwn(alert.event) {
                progress.position = alert.number
            } else if context.schedule.isGivenUp(alert.event.at, at: context.time.now) {
                progress.position = alert.number
                givenUp += 1
            } else {
                found = alert
            }
        }
        if progress.position != start { await note(progress) }
        // In memory alone: the next look begins after events of other kinds.
        if let passed { progress.position = max(progress.position, passed) }
        if givenUp > 0 { report(.alertsGivenUp, detail: progress.lastError, count: givenUp) }
        return found
    }

    /// True for an event about the delivery to this recipient, which would follow itself.
    private func isOwn(_ event: Event) -> Bool {
        [.alertsUndelivered, .alertsRecovered, .alertsGivenUp].contains(event.kind) && event.subject == recipient.name
    }

    private func delivered(_ alert: NumberedEvent, _ progress: inout AlertProgress) async {
        let failures = progress.failures
        let triedAt = progress.triedAt
        progress = AlertProgress(position: alert.number)
        progress.triedAt = triedAt
        await note(progress)
        guard failures >= Self.lasting else { return }
        context.troubles.set(nil, of: recipient.name)
        report(.alertsRecovered, count: failures)
    }

    private func failed(_ reason: String, _ wished: Duration?, _ progress: inout AlertProgress) async {
        progress.failures = progress.failures.addingSaturated(1)
        progress.lastError = reason
        let pause = context.schedule.pause(after: progress.failures, chance: .random(in: 0...1), wished: wished)
        progress.nextAt = context.time.now + pause
        await note(progress)
        if progress.failures >= Self.lasting { context.troubles.set(reason, of: recipient.name) }
        if progress.failures == Self.lasting { report(.alertsUndelivered, detail: reason) }
        await self.pause(pause)
    }

    private func report(_ kind: EventKind, detail: String? = nil, count: Int64 = 1) {
        context.events.report(Event(at: context.time.now, kind, recipient.name, detail: detail, count: count))
    }

    private func count(_ result: String) {
        context.attempts.with(labels: LabelValues(recipient.name, result)).add()
    }

    // MARK: Waiting

    private func pause(_ duration: Duration) async { try? await Task.sleep(for: duration) }

    private func look(after position: Int64) async -> (alert: NumberedEvent?, newest: Int64)? {
        await work.perform { try? context.database.nextAlert(for: recipient, after: position) }
    }

    /// Notes how far the recipient has got. After a failure the next one notes it too.
    private func note(_ progress: AlertProgress) async {
        await work.perform { try? context.database.noteAlerts(progress, of: recipient.id) }
    }
}
