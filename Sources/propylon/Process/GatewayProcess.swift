import Admin
import Clocks
import Dispatch
import Foundation
import Gateway
import HTTPServer
import Logging
import Metrics
import Policy
import Sandbox
import Settings
import Store
import Synchronization
import Transport

/// The whole gateway in one process: composes all parts, starts, reloads and drains them.
final class GatewayProcess: Sendable {
    let gateway: Gateway
    let storage: GatewayStorage
    let registry = MetricRegistry()
    /// URLs of the public listeners at the start.
    let addresses: [String]
    /// URL of the admin listener at the start.
    let adminAddress: String
    /// Upstream in words at the start, for people.
    let upstream: String
    /// The configuration that all parts use now.
    let running: RunningConfiguration
    /// Reloads by the admin API.
    let reloads = ReloadDoor()
    let server: HTTPServer
    let adminServer: HTTPServer
    let listeners: ListenerSet
    let adminListeners: ListenerSet
    let adminPages: AdminPages
    let status: StatusSource
    let sandbox: SandboxServer?
    let alerts: AlertDelivery
    private let usageWarnings: UsageWarningLog
    let events: EventReporter
    let telemetry: TelemetryService
    let retention: RetentionSchedule
    let log: Logger
    let time: any TimeSource
    let accessLog: BufferedAccessLog?
    private let keyReload: KeyReload
    private let clockWatch: ClockWatch
    private let batchWatch: BatchWatch
    let expiry: ExpiryWatch
    let descriptors: DescriptorBudget

    /// Event loops of the gateway. More than half the cores cost more in wake-ups than they gain: see Sources/README.md.
    static let loopCount = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)

    /// Opens the data folder, binds all addresses and starts to serve. Blocks: not for an event loop.
    ///
    /// - Parameters:
    ///   - usesSandbox: starts the simulated upstream and forwards to it, whatever `configuration.upstream` says.
    ///   - sockets: listening sockets of systemd or of `predecessor`, used in place of new ones.
    ///   - predecessor: the gateway that this one takes over from.
    init(
        _ configuration: Configuration, sandbox usesSandbox: Bool, sockets: InheritedSockets = InheritedSockets(),
        predecessor: Predecessor? = nil, log: Logger, time source: any TimeSource = .system
    ) throws {
        self.log = log
        let time = FollowedTime(source)
        self.time = time
        running = RunningConfiguration(configuration)
        // Everything that can fail comes before the first request: addresses, certificates, the ledger.
        let plan = try ListenerPlan(configuration.listen, inherited: sockets)
        let adminPlan = try ListenerPlan([configuration.admin.listen], inherited: sockets)
        addresses = plan.urls
        adminAddress = adminPlan.urls[0]
        storage = try GatewayStorage(configuration, isShared: predecessor != nil, log: log)
        sandbox = usesSandbox ? try Self.startSandbox() : nil
        upstream = sandbox.map { "the built-in sandbox at http://\($0.address)" } ?? configuration.upstream.baseURL.text
        let limiter = Limiter(LimitRules(configuration, at: time.now))
        try limiter.restore(from: storage.database, keys: storage.keys.keys, at: time.limitTime)
        try predecessor?.restored(PredecessorUsage(limiter, storage, log: log, time: time))
        events = EventReporter(storage.events, log: log, time: time)
        alerts = try AlertDelivery(configuration, storage.database, events, registry, time: time)
        usageWarnings = UsageWarningLog(log)
        telemetry = try TelemetryService(configuration, registry, log: log, time: time)
        let tls = try Self.upstreamTLS(configuration, usesSandbox: usesSandbox)
        expiry = ExpiryWatch(
            CertificateFile.files(of: [plan, adminPlan], configuration, upstream: tls),
            keys: storage.keys, events: events, log: log, time: time, timeText: configuration.timeText)
        accessLog = try Self.openAccessLog(configuration, log)
        descriptors = DescriptorBudget(
            limit: DescriptorLimit.raise(), inUse: DescriptorLimit.openCount + Self.descriptorsOfLoops,
            wanted: .init(clients: configuration.limits.connections, upstream: configuration.upstreamConnections))
        if let warning = descriptors.warning { log.warning("\(warning)") }
        let loops = try (0..<Self.loopCount).map { try EventLoop(name: "propylon.loop-\($0)") }
        gateway = Gateway(
            loops: loops, options: try Self.options(configuration, sandbox: sandbox?.address, descriptors),
            policies: configuration.policies, tls: tls, keys: storage.keys, usage: storage.ledger,
            objects: storage.resources, limiter: limiter, warnings: usageWarnings, accessLog: accessLog,
            events: events, telemetry: telemetry.hook,
            metrics: GatewayMetrics(
                registry, models: configuration.metrics.models, keys: configuration.metrics.keys), clock: time)
        gateway.resumeBatches(try storage.database.openBatches())
        batchWatch = BatchWatch(gateway)
        server = HTTPServer(
            loops: loops, limits: descriptors.bounded(ServerLimits(configuration.limits)), handler: gateway)
        status = StatusSource(
            gateway: gateway, server: server, storage: storage,
            places: StatusSource.Places(listening: addresses, upstream: upstream), expiry: expiry, time: time,
            warnings: { [descriptors, alerts, telemetry] in
                (descriptors.warning.map { [$0] } ?? []) + alerts.warnings + telemetry.warnings
            })
        status.register(with: registry, accessLog: accessLog)
        adminPages = AdminPages(
            [
                .metrics(registry), .status(status), .configuration(running),
                .events(EventsSource(database: storage.database)),
            ]
                + AdminRoute.limits(
                    LimitsSource(
                        limiter: limiter, keys: storage.keys, store: KeyStore(storage.database, by: .local),
                        time: time))
                + AdminServices(
                    gateway: gateway, storage: storage, running: running, reloads: reloads,
                    sandbox: sandbox?.address, time: time
                ).routes,
            access: AdminAccess(configuration.admin), version: Version.text,
            reasonsNotToServe: { [gateway] in gateway.reasonsNotToServe })
        adminServer = try Self.adminServer(adminPages, connections: descriptors.admin)
        listeners = ListenerSet(server, log: log)
        adminListeners = ListenerSet(adminServer, log: log)
        retention = RetentionSchedule(storage.database, configuration, log: log, time: time)
        keyReload = KeyReload(log: log) { [storage] in
            storage.keys.reloadIfChanged()
            return storage.keys.trouble ?? limiter.followCorrections(in: storage, at: time.limitTime)
        }
        clockWatch = ClockWatch(time, limiter, keys: storage.keys, log: log) {
            [storage] span throws(LedgerError) in
            storage.ledger.flush() ? try storage.database.limitHistory(span) : nil
        }
        start(plan, adminPlan)
    }

    private func start(_ plan: ListenerPlan, _ adminPlan: ListenerPlan) {
        prepareSHA256()
        retention.start()
        keyReload.start()
        clockWatch.start()
        batchWatch.start()
        expiry.start()
        reportUnpricedUse()
        alerts.start()
        listeners.apply(plan)
        adminListeners.apply(adminPlan)
    }

    /// Warns of services in use that have no price, in the background: a month of totals takes a tenth of a second.
    private func reportUnpricedUse() {
        let (prices, now) = (running.current.policies.prices, time.now)
        DispatchQueue.global(qos: .utility).async { [database = storage.database, usageWarnings] in
            // The ledger that cannot be read is reported by those who need it.
            for missing in (try? UnpricedUse.find(in: database, prices, at: now)) ?? [] {
                usageWarnings.hasNoPrice(missing)
            }
        }
    }

    /// Reopens the file of the access log, after a rotation.
    func reopenAccessLog() { accessLog?.reopen() }

    /// Ends the gateway. Takes no new connections, waits for the responses in progress up to `timeout`, then closes the
    /// ledger with all rows.
    func drain(timeout: Duration) async {
        listeners.close()
        alerts.stop()
        gateway.drain()
        server.drain()
        await waitForConnections(timeout, poll: .milliseconds(10))
        let left = server.connectionCount.load(ordering: .relaxed)
        if left > 0 {
            log.warning("connections are cut: drain_timeout is over", metadata: ["connections": "\(left)"])
            server.abort()
            await waitForConnections(.seconds(2), poll: .milliseconds(5))
        }
        gateway.close()
        keyReload.cancel()
        clockWatch.cancel()
        batchWatch.cancel()
        expiry.cancel()
        retention.cancel()
        adminListeners.close()
        adminServer.drain()
        await telemetry.close()
        storage.close(log)
        accessLog?.close()
    }

    /// Ends the gateway after a successor serves. Each connection may make one more request, and then closes without a cut;
    /// those that are open after `timeout` are ended as in `drain`.
    func retire(timeout: Duration) async {
        listeners.close()
        adminListeners.close()
        // The successor delivers alerts, folds, follows batches, and gives notices.
        alerts.stop()
        retention.cancel()
        batchWatch.cancel()
        expiry.cancel()
        server.retire()
        adminServer.drain()
        await waitForConnections(timeout, poll: .milliseconds(10))
        await drain(timeout: .milliseconds(200))
    }

    /// Waits until no client connection is left. Ends early when the task is cancelled.
    private func waitForConnections(_ timeout: Duration, poll: Duration) async {
        let deadline = time.monotonic + timeout
        while server.connectionCount.load(ordering: .relaxed) > 0, time.monotonic < deadline, !Task.isCancelled {
            try? await Task.sleep(for: poll)
        }
    }
}

extension GatewayProcess {
    /// Descriptors that the loops open after the others were counted.
    private static var descriptorsOfLoops: Int { 2 * (loopCount + 1) }

    static func options(
        _ configuration: Configuration, sandbox: SocketAddress?, _ descriptors: DescriptorBudget
    ) throws(StartError) -> GatewayOptions {
        var options = try GatewayOptions(configuration, sandbox: sandbox)
        options.upstreamConnections = min(options.upstreamConnections, descriptors.upstream)
        return options
    }

    private static func startSandbox() throws -> SandboxServer {
        let address = ListenAddress(host: "127.0.0.1", port: 0)
        return try SandboxServer(listening: SocketAddress(address), on: [EventLoop(name: "propylon.sandbox")])
    }

    private static func openAccessLog(
        _ configuration: Configuration, _ log: Logger
    ) throws(BufferedAccessLog.OpenError) -> BufferedAccessLog? {
        let options = configuration.log
        guard options.access else { return nil }
        return try BufferedAccessLog(
            path: options.accessFile, format: .chosen(options.format), time: configuration.timeText, log: log)
    }

    /// The trust in the upstreams' certificates; nil where none has TLS.
    static func upstreamTLS(_ configuration: Configuration, usesSandbox: Bool) throws -> TLSContext? {
        let upstream = configuration.upstream
        guard upstream.baseURL.isSecure || upstream.fallbacks.contains(where: \.baseURL.isSecure), !usesSandbox else {
            return nil
        }
        return try TLSContext.client(caFile: upstream.caFile)
    }

    private static func adminServer(_ pages: AdminPages, connections: Int) throws -> HTTPServer {
        var serverLimits = ServerLimits()
        serverLimits.refusals = 1
        serverLimits.connections = max(1, connections - serverLimits.refusals)
        return HTTPServer(loops: [try EventLoop(name: "propylon.admin")], limits: serverLimits, handler: pages)
    }
}
