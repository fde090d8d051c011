import Admin
import Clocks
import Foundation
import Gateway
import HTTPServer
import Logging
import Metrics
import Policy
import Sandbox
import Settings
import Store
import Transport

/// The whole gateway in one process: composes all parts, starts, reloads and drains them.
final class GatewayProcess: Sendable {
    let gateway: Gateway
    let storage: GatewayStorage
    let registry = MetricRegistry()
    /// URLs of the public listeners.
    let addresses: [String]
    /// URL of the admin listener.
    let adminAddress: String
    /// Upstream in words, for people.
    let upstream: String
    private let server: HTTPServer
    private let adminServer: HTTPServer
    private let sandbox: SandboxServer?
    private let alerts: AlertDelivery
    private let accessLog: BufferedAccessLog?
    private let retention: RetentionSchedule
    private let keyReload: KeyReload
    private let descriptors: DescriptorBudget
    private let log: Logger
    private let time: any TimeSource

    /// Event loops of the gateway. More than half the cores cost more in wake-ups than they gain: see Sources/README.md.
    static let loopCount = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)

    /// Opens the data folder, binds all addresses and starts to serve. Blocks: not for an event loop.
    ///
    /// - Parameter usesSandbox: starts the simulated upstream and forwards to it, whatever `configuration.upstream` says.
    init(
        _ configuration: Configuration, sandbox usesSandbox: Bool, log: Logger, time: any TimeSource = .system
    ) throws {
        self.log = log
        self.time = time
        // Everything that can fail comes before the first request: addresses, certificates, the ledger.
        let listeners = try BoundListeners(configuration.listen)
        let adminListeners = try BoundListeners([configuration.admin.listen])
        addresses = listeners.urls
        adminAddress = adminListeners.urls[0]
        storage = try GatewayStorage(configuration, log: log)
        sandbox = usesSandbox ? try Self.startSandbox() : nil
        upstream = sandbox.map { "the built-in sandbox at http://\($0.address)" } ?? configuration.upstream.baseURL.text
        let limiter = Limiter(LimitRules(configuration, at: time.now))
        try limiter.restore(from: storage.database, keys: storage.keys.keys, at: time.limitTime)
        alerts = try AlertDelivery(configuration, log: log, time: time)
        accessLog = try Self.openAccessLog(configuration.log, log)
        descriptors = DescriptorBudget(
            limit: DescriptorLimit.raise(), inUse: DescriptorLimit.openCount + Self.descriptorsOfLoops,
            wanted: .init(clients: configuration.limits.connections, upstream: configuration.upstreamConnections))
        if let warning = descriptors.warning { log.warning("\(warning)") }
        let loops = try (0..<Self.loopCount).map { try EventLoop(name: "propylon.loop-\($0)") }
        gateway = Gateway(
            loops: loops, options: try Self.options(configuration, sandbox: sandbox?.address, descriptors),
            policies: configuration.policies, tls: try Self.upstreamTLS(configuration, usesSandbox: usesSandbox),
            keys: storage.keys, usage: storage.ledger, objects: storage.resources, limiter: limiter, alerts: alerts,
            accessLog: accessLog, metrics: GatewayMetrics(registry))
        server = HTTPServer(
            loops: loops, limits: descriptors.bounded(ServerLimits(configuration.limits)), handler: gateway)
        let status = StatusSource(
            gateway: gateway, server: server, storage: storage, listening: addresses, upstream: upstream,
            warnings: descriptors.warning.map { [$0] } ?? [], time: time)
        status.register(with: registry, accessLog: accessLog)
        adminServer = try Self.adminServer(
            configuration.admin, connections: descriptors.admin, registry: registry, status: status,
            limits: LimitsSource(limiter: limiter, keys: storage.keys, time: time))
        retention = RetentionSchedule(storage.database, configuration, log: log, time: time)
        keyReload = KeyReload(log: log) { [keys = storage.keys] in
            keys.reloadIfChanged()
            return keys.trouble
        }
        start(listeners, adminListeners)
    }

    private func start(_ listeners: BoundListeners, _ adminListeners: BoundListeners) {
        prepareSHA256()
        retention.start()
        keyReload.start()
        listeners.serve(on: server, log: log)
        adminListeners.serve(on: adminServer, log: log)
    }

    /// Applies a new configuration, except for the members that take a restart. An error changes nothing.
    func reload(_ configuration: Configuration) throws {
        let options = try Self.options(configuration, sandbox: sandbox?.address, descriptors)
        let tls = try Self.upstreamTLS(configuration, usesSandbox: sandbox != nil)
        try alerts.use(configuration)
        gateway.reload(
            options: options, policies: configuration.policies, limits: LimitRules(configuration, at: time.now),
            tls: tls)
        retention.use(configuration)
    }

    /// Reopens the file of the access log, after a rotation.
    func reopenAccessLog() { accessLog?.reopen() }

    /// Ends the gateway. Takes no new connections, waits for the responses in progress up to `timeout`, then closes the
    /// ledger with all rows.
    func drain(timeout: Duration) async {
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
        retention.cancel()
        adminServer.drain()
        storage.close(log)
        accessLog?.close()
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

    private static func options(
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
        _ options: Configuration.Log, _ log: Logger
    ) throws(BufferedAccessLog.OpenError) -> BufferedAccessLog? {
        guard options.access else { return nil }
        return try BufferedAccessLog(path: options.accessFile, format: .chosen(options.format), log: log)
    }

    /// The trust in the upstream's certificate; nil for an upstream without TLS.
    private static func upstreamTLS(_ configuration: Configuration, usesSandbox: Bool) throws -> TLSContext? {
        guard configuration.upstream.baseURL.isSecure, !usesSandbox else { return nil }
        return try TLSContext.client(caFile: configuration.upstream.caFile)
    }

    private static func adminServer(
        _ admin: Configuration.Admin, connections: Int, registry: MetricRegistry, status: StatusSource,
        limits: LimitsSource
    ) throws -> HTTPServer {
        var serverLimits = ServerLimits()
        serverLimits.refusals = 1
        serverLimits.connections = max(1, connections - serverLimits.refusals)
        let pages = AdminPages(
            registry: registry, token: admin.token?.reveal(), status: status, limits: limits)
        return HTTPServer(loops: [try EventLoop(name: "propylon.admin")], limits: serverLimits, handler: pages)
    }
}
