import Clocks
import Policy
import Store
import Testing

@testable import propylon

@Suite struct EventReporterTests {
    private let folder: TemporaryFolder
    private let storage: GatewayStorage
    private let log = LogRecorder()

    init() throws {
        folder = try TemporaryFolder()
        storage = try GatewayStorage(configuration(in: folder), log: log.logger)
    }

    @Test(arguments: EventKind.allCases) func anEventIsALineAndARow(kind: EventKind) throws {
        let event = Event(
            at: Timestamp(seconds: 5), kind, "https://u", cause: .upstreamTLS, detail: "why", count: 2,
            facts: [Event.Fact("user", .text("ada")), Event.Fact("limit", .text("tokens_per_day"))])
        EventReporter(storage.events, log: log.logger).report(event)
        storage.events.flush()
        #expect(
            try EventsSource(database: storage.database).report(after: nil, limit: 9).events.map(\.kind) == [
                kind.rawValue
            ])
        let line =
            "\(kind.severity) \(kind.summary) cause=upstream_tls count=2 detail=why event=\(kind.rawValue) "
            + "limit=tokens_per_day subject=https://u"
        // Names of users are in the ledger alone.
        #expect(log.messages == [line])
    }

    @Test func whatWaitsAtTheEndIsWritten() throws {
        EventReporter(storage.events, log: log.logger).report(
            Event(at: Timestamp(seconds: 5), .configurationReloaded, "configuration"))
        storage.close(log.logger)
        let database = try #require(
            try LedgerDatabase.reading(directory: configuration(in: folder).data, wait: .briefly))
        #expect(try EventsSource(database: database).report(after: nil, limit: 9).events.count == 1)
        database.close()
        #expect(EventsSource(database: database).events(after: nil, limit: 1) == nil)
    }
}
