import Clocks
import Logging
import ManualTime
import Policy
import Settings
import Store
import Synchronization
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

    /// Keeps lines as they would be written to standard error in Paris.
    private final class LineRecorder: LogHandler, Sendable {
        private let handler: LineLogHandler
        private let written = Mutex<[String]>([])

        var lines: [String] { written.withLock { $0 } }

        init(_ format: Configuration.LogFormat) throws {
            handler = LineLogHandler(LogRules(try configuration("time_zone: Europe/Paris\n")), format: format)
        }

        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .info }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) { written.withLock { $0.append(handler.line(event)) } }
    }

    /// A key that expires in summer, told of in text, which people read, and in JSON.
    @Test(
        arguments: zip(
            Configuration.LogFormat.allCases,
            [#""expires_at":"2026-07-24T10:00:00Z""#, " expires_at=2026-07-24T12:00:00+02:00 "]))
    func timesAreOfTheReader(format: Configuration.LogFormat, expected: String) throws {
        let recorder = try LineRecorder(format)
        EventReporter(storage.events, log: Logger(label: "test") { _ in recorder }).report(
            Event(
                at: Timestamp(seconds: 5), .keyExpiring, "k",
                facts: [Event.Fact("expires_at", .time(Timestamp(seconds: 1_784_887_200)))]))
        #expect(recorder.lines.map { $0.contains(expected) } == [true])
    }

    /// The beginning and the end of a loss are lines, whatever is lost in between.
    @Test func lostEventsAreALine() throws {
        var pace = EventLog.Pace()
        (pace.waiting, pace.delay) = (3, .seconds(3600))
        let (events, time) = (EventLog(storage.database, pace: pace), ManualTime.inNovember())
        let reporter = EventReporter(events, log: log.logger, time: time)
        func report(_ count: Int) {
            for _ in 0..<count { reporter.report(Event(at: time.now, .configurationReloaded, "configuration")) }
        }
        func lines() -> [String] { log.messages.filter { $0.contains("events are") } }
        report(3)
        #expect(lines().isEmpty)
        report(20)
        let begin = "warning events are lost, alerts about them too: too many wait for the ledger; see its own errors"
        #expect(lines() == [begin])
        #expect(events.flush())
        report(1)
        // A loss that comes and goes is one.
        #expect(lines() == [begin])
        time.advance(by: .seconds(10))
        report(1)
        #expect(lines() == [begin, "notice events are kept again lost=20"])
        report(2)
        #expect(lines().last == begin && lines().count == 3)
        #expect(events.dropped == 21)
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
