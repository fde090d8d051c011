import Clocks
import Loopback
import ManualTime
import Metrics
import Policy
import Testing

@testable import Store
@testable import propylon

@Suite struct AlertQueueTests {
    private let folder: TemporaryFolder
    private let database: LedgerDatabase
    private let events: StoredEvents
    private let time = ManualTime.inNovember()
    private let attempts: CounterFamily
    private let troubles = AlertTroubles()

    init() throws {
        folder = try TemporaryFolder()
        database = try LedgerDatabase(directory: folder.path)
        events = StoredEvents(database)
        attempts = MetricRegistry().counter("propylon_a_total", "A.", labels: ["recipient", "result"])
    }

    private func report(_ kind: EventKind = .limitReached, _ subject: String = "s") {
        events.report(Event(at: time.now, kind, subject))
    }

    /// Starts a queue of `channel` that goes on from the store.
    private func start(
        _ channel: any AlertChannel, _ name: String = "webhook 1", kinds: [EventKind] = EventKind.allCases,
        schedule: AlertSchedule = .quick
    ) throws -> Task<Void, Never> {
        let recipient = AlertRecipient(id: name, name: name, kinds: kinds)
        let others = try database.pendingAlerts().map { AlertRecipient(id: $0.name, name: $0.name, kinds: kinds) }
        let progress = try #require(
            try database.useAlertRecipients(others.filter { $0.name != name } + [recipient])[name])
        let queue = AlertQueue(
            AlertRoute(recipient: recipient, channel: channel), try .test(),
            AlertQueue.Context(
                database: database, events: events, schedule: schedule, time: time, attempts: attempts,
                troubles: troubles))
        return Task { await queue.run(from: progress) }
    }

    private func end(_ queue: Task<Void, Never>) async {
        queue.cancel()
        await queue.value
    }

    private func progress() throws -> AlertProgress { try #require(try database.pendingAlerts().first).progress }

    @Test func alertsAreDeliveredInTheirOrderOnce() async throws {
        let channel = ScriptedChannel()
        let queue = try start(channel)
        for _ in 0..<20 { report() }
        let areDelivered = await eventually { channel.ids.count >= 20 }
        #expect(areDelivered)
        await end(queue)
        #expect(channel.numbers == (1...20).map { String($0) })
        #expect(try progress().position == 20)
        // A later process does not deliver them again.
        report()
        let next = ScriptedChannel()
        let later = try start(next)
        let isDelivered = await eventually { !next.ids.isEmpty }
        #expect(isDelivered)
        await end(later)
        #expect(next.numbers == ["21"])
        #expect(attempts.with(labels: LabelValues("webhook 1", "delivered")).value == 21)
    }

    @Test func onlyTheChosenKindsAreDelivered() async throws {
        let channel = ScriptedChannel()
        let queue = try start(channel, kinds: [.storeRecovered])
        report(.limitReached)
        report(.storeRecovered)
        report(.limitReached)
        report(.storeRecovered)
        let areDelivered = await eventually { channel.ids.count >= 2 }
        #expect(areDelivered)
        await end(queue)
        #expect(channel.numbers == ["2", "4"])
    }

    /// The same id each time; the later ones wait for their turn.
    @Test func aFailedAlertIsTriedAgainAndKeepsItsPlace() async throws {
        let channel = ScriptedChannel([.failed("HTTP status 500"), .failed("no response", pause: .milliseconds(2))])
        report()
        let queue = try start(channel)
        report()
        report()
        let areDelivered = await eventually { channel.ids.count >= 4 }
        #expect(areDelivered)
        // Events about itself are passed over, in the store too.
        let isOver = await eventually {
            events.kinds.contains(.alertsRecovered) && (try? database.pendingAlerts().map(\.count)) == [0]
        }
        #expect(isOver)
        await end(queue)
        #expect(channel.numbers == ["2", "2", "2", "3"])
        #expect(Set(channel.ids.prefix(3)).count == 1)
        // Two failures are an event, and their end is one, which the recipient itself does not get.
        #expect(troubles.texts.isEmpty)
        let own = events.events.filter { $0.subject == "webhook 1" }
        #expect(own.map(\.kind) == [.alertsUndelivered, .alertsRecovered])
        #expect(own.map(\.detail) == ["no response", nil])
        #expect(own.last?.count == 2)
        #expect(try progress().failures == 0)
        #expect(try progress().lastError == nil)
        #expect(attempts.with(labels: LabelValues("webhook 1", "failed")).value == 2)
    }

    @Test func whatFailedIsShown() async throws {
        var schedule = AlertSchedule.quick
        schedule.pauses = [.seconds(3600)]
        let channel = ScriptedChannel([.failed("HTTP status 503", pause: .seconds(9000))])
        let queue = try start(channel, schedule: schedule)
        report()
        let isTried = await eventually { (try? progress().failures) == 1 }
        #expect(isTried)
        // A pause of hours ends with the task.
        await end(queue)
        var expected = AlertProgress(position: 0)
        expected.failures = 1
        expected.lastError = "HTTP status 503"
        expected.triedAt = time.now
        expected.nextAt = time.now + .seconds(9000)
        #expect(try progress() == expected)
        // A later process tries at once.
        var delivered = AlertProgress(position: 1)
        delivered.triedAt = time.now
        let next = ScriptedChannel()
        let later = try start(next)
        let isOver = await eventually { (try? progress()) == delivered }
        #expect(isOver)
        await end(later)
        #expect(next.numbers == ["1"])
        // One failure is no event.
        #expect(events.kinds == [.limitReached])
    }

    @Test func oldAlertsAreGivenUpAtOnce() async throws {
        let channel = ScriptedChannel()
        _ = try database.useAlertRecipients([
            AlertRecipient(id: "webhook 1", name: "webhook 1", kinds: EventKind.allCases)
        ])
        for _ in 0..<5 { report() }
        time.advance(by: .seconds(259_199))
        report()
        time.advance(by: .seconds(1))
        let queue = try start(channel)
        let isDelivered = await eventually { !channel.ids.isEmpty }
        #expect(isDelivered)
        await end(queue)
        #expect(channel.numbers == ["6"])
        let last = try #require(events.events.last)
        #expect(last.kind == .alertsGivenUp)
        #expect(last.count == 5)
    }

    @Test func aRecipientThatIsGoneIsAskedNoMoreUntilTheNextStart() async throws {
        let channel = ScriptedChannel([.gone("HTTP status 410")])
        let queue = try start(channel)
        report()
        report()
        // It ends by itself.
        await queue.value
        #expect(channel.numbers == ["1"])
        #expect(events.kinds.last == .alertsGivenUp)
        #expect(try progress().lastError == "HTTP status 410")
        #expect(
            troubles.texts == ["alerts for webhook 1 wait: HTTP status 410; a reload or a restart tries again"])
        #expect(try progress().nextAt == nil)
        let next = ScriptedChannel()
        let later = try start(next)
        let areDelivered = await eventually { next.ids.count >= 2 }
        #expect(areDelivered)
        await end(later)
        #expect(next.numbers == ["1", "2"])
    }

    @Test func whatFailsForLongerIsInTheStatus() async throws {
        var schedule = AlertSchedule.quick
        schedule.pauses = [.milliseconds(1), .seconds(3600)]
        let queue = try start(ScriptedChannel([.failed("x"), .failed("HTTP status 503")]), schedule: schedule)
        report()
        let isKnown = await eventually { troubles.texts == ["alerts for webhook 1 wait: HTTP status 503"] }
        #expect(isKnown)
        await end(queue)
    }

    /// One hears that the other one fails; neither hears of itself.
    @Test func recipientsHearOfEachOther() async throws {
        let broken = ScriptedChannel([.failed("x"), .failed("x")])
        let other = ScriptedChannel()
        let queues = [try start(other, "email"), try start(broken, "webhook 1")]
        report()
        let isHeard = await eventually { other.ids.count >= 3 && broken.ids.count >= 3 }
        #expect(isHeard)
        for queue in queues {
            await end(queue)
        }
        #expect(Set(other.numbers) == ["1", "2", "3"])
        #expect(Set(broken.numbers) == ["1"])
    }

    @Test func aDatabaseThatCannotBeReadOrWrittenLosesNothing() async throws {
        let channel = ScriptedChannel()
        let queue = try start(channel)
        try await database.pool.write { try $0.execute(sql: "ALTER TABLE alert_recipients RENAME TO gone") }
        report()
        report()
        let areDelivered = await eventually { channel.ids.count >= 2 }
        #expect(areDelivered)
        try await database.pool.write { try $0.execute(sql: "ALTER TABLE gone RENAME TO alert_recipients") }
        report()
        let isNoted = await eventually { (try? progress().position) == 3 }
        #expect(isNoted)
        await end(queue)
        #expect(channel.numbers == ["1", "2", "3"])
    }
}
