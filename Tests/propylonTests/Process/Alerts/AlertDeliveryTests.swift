import Clocks
import Loopback
import ManualTime
import Metrics
import Policy
import Settings
import Store
import Testing

@testable import propylon

@Suite(.ownThread) struct AlertDeliveryTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let answer: [ScriptedServer.Step] = [.readRequest, .send("HTTP/1.1 204 No Content\r\n\r\n"), .close]

    private let folder: TemporaryFolder
    private let database: LedgerDatabase
    private let events: StoredEvents
    private let time = ManualTime.inNovember()

    init() throws {
        folder = try TemporaryFolder()
        database = try LedgerDatabase(directory: folder.path)
        events = StoredEvents(database)
    }

    private func settings(_ servers: ScriptedServer..., path: String = "/") throws -> Configuration {
        let hooks = servers.map { "{ url: \"http://127.0.0.1:\($0.address.port)\(path)\", secret: \(Self.secret) }" }
        return try configuration("alerts: { webhooks: [\(hooks.joined(separator: ", "))] }\n")
    }

    private func delivery(_ configuration: Configuration) throws -> AlertDelivery {
        try AlertDelivery(
            configuration, database, events, MetricRegistry(), time: time, schedule: .quick)
    }

    private func report() { events.report(Event(at: time.now, .storeRecovered, "store")) }

    private func requests(_ server: ScriptedServer) -> Int { server.requests.withLock { $0.count } }

    /// Waits until the store knows `count` recipients.
    private func areKnown(_ count: Int) async -> Bool {
        await eventually { (try? database.pendingAlerts().count) == count }
    }

    @Test func aRecipientThatHangsDelaysNoOther() async throws {
        let hanging = try ScriptedServer([[.readRequest, .waitForEnd]])
        let working = try ScriptedServer(Array(repeating: Self.answer, count: 3))
        let delivery = try delivery(settings(hanging, working))
        delivery.start()
        let areKnown = await areKnown(2)
        #expect(areKnown)
        for _ in 0..<3 { report() }
        let areDelivered = await eventually { requests(working) == 3 && requests(hanging) == 1 }
        #expect(areDelivered)
        let isNoted = await eventually {
            (try? database.pendingAlerts().map(\.count)) == [3, 0]
        }
        #expect(isNoted)
        delivery.stop()
    }

    @Test func nothingIsDeliveredBeforeTheStartAndAfterTheEnd() async throws {
        let server = try ScriptedServer([Self.answer, Self.answer])
        let configuration = try settings(server)
        let delivery = try delivery(configuration)
        #expect(try database.pendingAlerts().isEmpty)
        delivery.start()
        let isKnown = await areKnown(1)
        #expect(isKnown)
        report()
        let isDelivered = await eventually {
            (try? database.pendingAlerts().first?.count) == 0 && requests(server) == 1
        }
        #expect(isDelivered)
        delivery.stop()
        report()
        #expect(try database.pendingAlerts().first?.count == 1)
        // What came meanwhile waits for the next process.
        let later = try self.delivery(configuration)
        later.start()
        let isLater = await eventually { requests(server) == 2 }
        #expect(isLater)
        later.stop()
    }

    @Test func aReloadChangesTheRecipients() async throws {
        let (first, second) = (try ScriptedServer([Self.answer]), try ScriptedServer([Self.answer]))
        let delivery = try delivery(settings(first))
        delivery.start()
        let isKnown = await areKnown(1)
        #expect(isKnown)
        report()
        let isFirst = await eventually { requests(first) == 1 && (try? database.pendingAlerts().first?.count) == 0 }
        #expect(isFirst)
        try delivery.use(settings(second, path: "/new"))
        let isOther = await eventually { (try? database.pendingAlerts().first?.progress.position) == 1 }
        #expect(isOther)
        report()
        let isSecond = await eventually { requests(second) == 1 }
        #expect(isSecond)
        #expect(second.requests.withLock { $0.first?.hasPrefix("POST /new ") } == true)
        try delivery.use(configuration(""))
        let areGone = await areKnown(0)
        #expect(areGone)
        #expect(requests(first) == 1)
        delivery.stop()
    }
}
