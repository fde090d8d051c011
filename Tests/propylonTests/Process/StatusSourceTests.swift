import Admin
import Clocks
import Foundation
import Gateway
import HTTPServer
import ManualTime
import Metrics
import Policy
import Settings
import Testing
import Transport

@testable import propylon

@Suite struct StatusSourceTests {
    private let folder: TemporaryFolder
    private let time = ManualTime.inNovember()
    private let storage: GatewayStorage
    private let gateway: Gateway
    private let source: StatusSource
    private let registry = MetricRegistry()
    private let expiry: ExpiryWatch

    init() throws {
        folder = try TemporaryFolder()
        let settings = try configuration(in: folder, "upstream: { base_url: \"http://127.0.0.1:1/v1\" }\n")
        let log = LogRecorder().logger
        storage = try GatewayStorage(settings, log: log)
        let loops = [try EventLoop(name: "test")]
        gateway = Gateway(
            loops: loops, options: try GatewayOptions(settings, sandbox: nil), policies: settings.policies,
            tls: nil, keys: storage.keys, usage: storage.ledger, objects: storage.resources,
            limiter: Limiter(LimitRules(settings, at: time.now)),
            warnings: UsageWarningLog(log), metrics: GatewayMetrics(MetricRegistry()))
        let server = HTTPServer(loops: loops, limits: ServerLimits(settings.limits), handler: gateway)
        let certificates = TestCertificates(folder: folder)
        try certificates.make("own", days: 30)
        expiry = ExpiryWatch(
            try certificates.listenerFiles("own"), keys: storage.keys,
            events: EventReporter(storage.events, log: log), log: log, time: time, timeText: .paris)
        source = StatusSource(
            gateway: gateway, server: server, storage: storage,
            places: StatusSource.Places(listening: ["http://a:1"], upstream: "u"), expiry: expiry, time: time,
            warnings: { ["few files"] })
        source.register(with: registry, accessLog: nil)
    }

    private var metrics: String { String(decoding: registry.exposition(), as: UTF8.self) }

    @Test func aNewGatewayIsReady() {
        #expect(
            source.report
                == StatusReport(
                    version: Version.text, uptimeSeconds: 0, listening: ["http://a:1"], upstream: "u", connections: 0,
                    pendingRows: 0, reasons: [], warnings: ["few files"], states: source.report.states ?? [],
                    certificates: source.report.certificates ?? []))
        let states = source.report.states ?? []
        #expect(states.first == StatusReport.State(name: "http://127.0.0.1:1", failing: false))
        #expect(states.last == StatusReport.State(name: "store", failing: false))
        #expect(states.dropFirst().dropLast().allSatisfy { $0.name.hasPrefix("http://127.0.0.1:1, key ") })
    }

    @Test func lostEventsAreCounted() {
        #expect(metrics.contains("\npropylon_events_lost_total 0\n"))
        // The ledger takes none of them.
        storage.database.close()
        for _ in 0..<1030 { storage.events.report(Event(at: time.now, .configurationReloaded, "configuration")) }
        #expect(source.report.lostEvents == 6)
        #expect(metrics.contains("\npropylon_events_lost_total 6\n"))
    }

    @Test func aReloadChangesThePlaces() {
        source.use(StatusSource.Places(listening: ["http://b:2"], upstream: "v"))
        #expect(source.report.listening == ["http://b:2"])
        #expect(source.report.upstream == "v")
    }

    @Test func whatExpiresIsShown() throws {
        let end = try #require(expiry.files.first?.certificates.first?.validUntil)
        time.setWall(end + .seconds(-86_400))
        let certificate = try #require(source.report.certificates?.first)
        #expect(source.report.certificates?.count == 1)
        #expect(
            [certificate.owner, certificate.use, certificate.subject] == ["127.0.0.1:8443", "certificate", "CN=own"])
        #expect(certificate.expiresAt == end.utcText)
        #expect(certificate.secondsLeft == 86_400)
        let metric = #"propylon_certificate_expiry_seconds{owner="127.0.0.1:8443",use="certificate"}"#
        #expect(metrics.contains("\n\(metric) 86400\n"))
        time.advance(by: .seconds(2 * 86_400))
        #expect(metrics.contains("\n\(metric) -86400\n"))
        // Two listeners on one address, whose ports the system chooses, are one series.
        expiry.use(expiry.files + expiry.files, .paris)
        #expect(metrics.components(separatedBy: metric).count == 2)
        expiry.use([], .paris)
        #expect(source.report.certificates == [])
        #expect(!metrics.contains(metric))
    }

    @Test func keysThatExpireSoonAreListedUpToTwenty() throws {
        for number in 0..<25 {
            let draft = KeyService.Draft(name: "k\(number)", expiresAt: time.now + .seconds(3600 * (100 - number)))
            _ = try KeyService(storage.database, configuration(""), by: .test, at: time.now).create(draft)
        }
        storage.keys.reloadIfChanged()
        let report = source.report
        #expect(report.expiringKeyCount == 25)
        #expect(report.expiringKeys?.count == 20)
        #expect(report.expiringKeys?.first?.name == "k24")
        #expect(report.expiringKeys?.first?.expiresAt == (time.now + .seconds(3600 * 76)).utcText)
    }

    @Test func uptimeIsMonotonic() {
        time.advance(by: .milliseconds(61_900))
        #expect(source.report.uptimeSeconds == 61)
    }

    @Test func drainingIsAReasonNotToServe() {
        gateway.drain()
        #expect(!source.report.ready)
        #expect(source.report.reasons == ["the gateway is shutting down"])
        #expect(metrics.contains("\npropylon_ready 0\n"))
    }

    @Test func unreadableKeysAreAWarning() {
        storage.database.close()
        storage.keys.reloadIfChanged()
        let warnings = source.report.warnings ?? []
        #expect(warnings.count == 2)
        #expect(warnings.last?.hasPrefix("changes of keys do not take effect: ") == true)
    }

    @Test(arguments: [
        #"propylon_connections{side="caller"} 0"#, #"propylon_connections{side="upstream"} 0"#,
        #"propylon_upstream_pool{state="resting"} 0"#, #"propylon_upstream_pool{state="busy"} 0"#, "propylon_ready 1",
        "propylon_ledger_pending 0", "propylon_journal_requests 0", "propylon_ledger_lag_seconds 0",
        "propylon_ledger_rows_total 0", "propylon_access_log_lines_dropped_total 0",
    ])
    func metricsShowTheSame(line: String) { #expect(metrics.contains("\n\(line)\n")) }
}
