import Clocks
import Dispatch
import Metrics
import Policy
import Settings
import Store
import Synchronization
import Transport

/// Delivers events to the recipients of the configuration, each by itself: one that hangs or fails delays no other.
///
/// Events wait in the store. So they outlast outages of recipients and the end of the process, and the bound on events is that on
/// what waits.
final class AlertDelivery: Sendable {
    private let context: AlertQueue.Context
    private let loop: EventLoop
    /// The routes of the configuration, and the task that uses them while the delivery runs.
    private let state: Mutex<(plan: Plan, task: Task<Void, Never>?)>

    private struct Plan: Sendable {
        let routes: [AlertRoute]
        let origin: AlertMessage.Origin
    }

    /// Prepares the delivery to the recipients of `configuration`, until `start`.
    init(
        _ configuration: Configuration, _ database: LedgerDatabase, _ events: any EventSink, _ metrics: MetricRegistry,
        time: any TimeSource, schedule: AlertSchedule = AlertSchedule()
    ) throws {
        let attempts = metrics.counter(
            "propylon_alert_attempts_total", "Attempts to deliver alerts, by recipient and result.",
            labels: ["recipient", "result"])
        context = AlertQueue.Context(
            database: database, events: events, schedule: schedule, time: time, attempts: attempts)
        loop = try EventLoop(name: "propylon.alerts")
        state = Mutex((try Self.plan(configuration, on: loop, time: time), nil))
    }

    deinit { stop() }

    /// Starts to deliver what waits and what comes, until `stop`.
    func start() {
        state.withLock { state in
            state.task?.cancel()
            state.task = Self.task(state.plan, context)
        }
    }

    /// Delivers to the recipients of `configuration` from now on. All are tried at once, and those that wanted no more alerts again.
    func use(_ configuration: Configuration) throws {
        let plan = try Self.plan(configuration, on: loop, time: context.time)
        state.withLock { $0.plan = plan }
        start()
    }

    /// Ends the delivery. An attempt under way may still be noted.
    func stop() { state.withLock { $0.task?.cancel() } }

    private static func plan(
        _ configuration: Configuration, on loop: EventLoop, time: any TimeSource
    ) throws -> Plan {
        Plan(
            routes: try AlertRoute.all(of: configuration, on: loop, time: time),
            origin: AlertMessage.Origin(configuration))
    }

    private static func task(_ plan: Plan, _ context: AlertQueue.Context) -> Task<Void, Never> {
        Task {
            let recipients = plan.routes.map(\.recipient)
            let work = DispatchQueue(label: "propylon.alerts", qos: .utility)
            var progress: [String: AlertProgress]?
            while progress == nil, !Task.isCancelled {
                progress = await work.perform { try? context.database.useAlertRecipients(recipients) }
                if progress == nil { try? await Task.sleep(for: context.schedule.poll) }
            }
            await withDiscardingTaskGroup { group in
                for route in plan.routes {
                    guard let progress = progress?[route.recipient.id] else { continue }
                    group.addTask { await AlertQueue(route, plan.origin, context).run(from: progress) }
                }
            }
        }
    }
}
