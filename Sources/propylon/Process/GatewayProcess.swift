import Admin
import Clocks
import Dispatch
import Foundation
import Gateway
import HTTPClient
import HTTPServer
import Logging
import Metrics
import Policy
import Sandbox
import Settings
import Store
import Synchronization
import Transport

/// The whole gateway in one process: who is wired to whom, and in which order it starts and ends.
final class GatewayProcess: Sendable {
    let gateway: Gateway
    let keys: KeyStore
    private let server: HTTPServer
    private let adminServer: HTTPServer
    private let database: LedgerDatabase
    private let ledger: LedgerWriter
    private let sandbox: SandboxServer?
    private let log: Logger
    private let usesSandbox: Bool
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let keyPolling: any DispatchSourceTimer
    private let retention: RetentionSchedule
    private let limiter: Limiter
    private let alerts: AlertDelivery
    private let accessLog: BufferedAccessLog?
    /// Where it listens, as URLs.
    let addresses: [String]
    let adminAddress: String
    let upstream: String

    /// Opens the ledger, binds all addresses and begins to serve.
    init(_ configuration: Configuration, sandbox usesSandbox: Bool, log: Logger) throws {
        self.log = log
        self.usesSandbox = usesSandbox
        // What can fail comes first: an address in use, a damaged ledger, a certificate that is not there.
        let listeners = try Listeners(configuration.listen)
        let adminListeners = try Listeners([configuration.admin.listen])
        addresses = listeners.urls
        adminAddress = adminListeners.urls[0]
        database = try LedgerDatabase(directory: configuration.data)
        keys = try KeyStore(database)
        // Room for every connection's request, and for as many rows as a database out of reach may let pile up.
        let journal = try Journal(
            directory: configuration.data, capacity: configuration.limits.connections + Self.rowsInWaiting)
        let ledger = try LedgerWriter(database, journal: journal)
        self.ledger = ledger
        if !ledger.recovery.isEmpty {
            log.warning(
                "the last process did not end in good order: what its journal held is in the ledger",
                metadata: [
                    "finished": "\(ledger.recovery.finished)", "interrupted": "\(ledger.recovery.interrupted)",
                    "unreadable": "\(ledger.recovery.unreadable)",
                ])
        }

        let loops = try (0..<Self.loopCount).map {
            try EventLoop(name: "propylon.loop-\($0)")
        }
        sandbox =
            usesSandbox
            ? try SandboxServer(
                listening: SocketAddress("127.0.0.1", port: 0)!, on: [EventLoop(name: "propylon.sandbox")]) : nil
        let options = try GatewayOptions(configuration, sandbox: sandbox?.address, loops: loops.count)
        upstream = sandbox.map { "the built-in sandbox at http://\($0.address)" } ?? configuration.upstream.baseURL.text

        limiter = Limiter(LimitRules(configuration))
        try limiter.restore(from: database, keys: keys.keys)
        alerts = try AlertDelivery(configuration, log: log)
        accessLog =
            configuration.log.access
            ? try BufferedAccessLog(
                path: configuration.log.accessFile, format: .chosen(configuration.log.format), log: log) : nil

        let registry = MetricRegistry()
        gateway = Gateway(
            loops: loops, options: options, policies: configuration.policies,
            tls: try Self.upstreamTLS(configuration, usesSandbox),
            keys: keys, usage: ledger, objects: ResourceStore(database), limiter: limiter, alerts: alerts,
            accessLog: accessLog,
            metrics: GatewayMetrics(registry))
        server = HTTPServer(loops: loops, limits: ServerLimits(configuration.limits), handler: gateway)
        let adminLoop = try EventLoop(name: "propylon.admin")
        let status = StatusSource(
            gateway: gateway, server: server, ledger: ledger, listening: addresses, upstream: upstream)
        status.register(with: registry)
        registry.counter(
            "propylon_access_log_lines_dropped_total", "Lines of the access log that could not be written in time."
        ) { [accessLog] in Double(accessLog?.dropped ?? 0) }
        let limits = LimitsSource(limiter: limiter, keys: keys)
        var adminLimits = ServerLimits()
        adminLimits.connections = 64
        adminServer = HTTPServer(
            loops: [adminLoop], limits: adminLimits,
            handler: AdminPages(
                registry: registry, token: configuration.admin.token?.reveal(), status: { status.status },
                statusJSON: { StatusReport(status: $0).json },
                limitsJSON: { id in limits.report(of: id, at: .now)?.json }))
        retention = RetentionSchedule(database, configuration, log: log)
        let keys = keys
        keyPolling = Self.polling(every: .milliseconds(400)) { Self.reload(keys, log) }
        prepareSHA256()
        listeners.serve(on: server)
        adminListeners.serve(on: adminServer)
    }

    /// More loops than half the cores cost more in wake-ups than they bring: see Sources/README.md.
    static let loopCount = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)

    /// How many rows the journal can hold beside the requests under way, a kilobyte each.
    private static let rowsInWaiting = 32_768

    /// Takes a new configuration into use, as far as that goes without a restart.
    func reload(_ configuration: Configuration) throws {
        let options = try GatewayOptions(configuration, sandbox: sandbox?.address, loops: gateway.loopCount)
        let tls = try Self.upstreamTLS(configuration, usesSandbox)
        try alerts.use(configuration)
        gateway.reload(
            options: options, policies: configuration.policies, limits: LimitRules(configuration), tls: tls)
        retention.use(configuration)
    }

    /// Opens the access log's file anew.
    func reopenAccessLog() { accessLog?.reopen() }

    /// Ends: no new connection, answers under way may finish until `timeout`, then the ledger is closed whole.
    func drain(timeout: Duration) async {
        gateway.drain()
        server.drain()
        let deadline = ContinuousClock.now + timeout
        while server.connectionCount.load(ordering: .relaxed) > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(10))
        }
        let left = server.connectionCount.load(ordering: .relaxed)
        if left > 0 {
            log.warning("connections are cut", metadata: ["connections": "\(left)"])
            server.abort()
            let limit = ContinuousClock.now + .seconds(2)
            while server.connectionCount.load(ordering: .relaxed) > 0, ContinuousClock.now < limit {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        keyPolling.cancel()
        retention.cancel()
        adminServer.drain()
        let lost = ledger.close()
        if lost > 0 {
            log.critical(
                "rows could not be written to the ledger: they are in the journal, for the next start",
                metadata: ["rows": "\(lost)"])
        }
        database.close()
        accessLog?.close()
    }

    /// Loads changes of keys, and logs the begin and the end of a failure.
    private static func reload(_ keys: KeyStore, _ log: Logger) {
        let wasInTrouble = keys.trouble != nil
        keys.reloadIfChanged()
        switch (wasInTrouble, keys.trouble) {
        case (true, nil): log.notice("the keys can be read again: changes of keys take effect")
        case (false, let trouble?):
            log.error(
                "the keys cannot be read: changes and revocations of keys do not take effect",
                metadata: ["cause": "\(trouble)"])
        default: break
        }
    }

    private static func polling(every interval: DispatchTimeInterval, _ work: @escaping @Sendable () -> Void)
        -> any DispatchSourceTimer
    {
        let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(50))
        timer.setEventHandler(handler: work)
        timer.activate()
        return timer
    }

    private static func upstreamTLS(_ configuration: Configuration, _ usesSandbox: Bool) throws -> TLSContext? {
        guard configuration.upstream.baseURL.isSecure, !usesSandbox else { return nil }
        return try TLSContext.client(caFile: configuration.upstream.caFile)
    }
}

/// Bound listeners that nobody serves yet.
private struct Listeners {
    private let addresses: [ListenAddress]
    private let contexts: [TLSContext?]
    private let bound: [BoundListener]
    let urls: [String]

    init(_ addresses: [ListenAddress]) throws {
        self.addresses = addresses
        contexts = try addresses.map { address in
            try address.tls.map {
                try TLSContext.server(certificateFile: $0.certificate, keyFile: $0.key, clientCAFile: $0.clientCA)
            }
        }
        bound = try addresses.map { try BoundListener($0) }
        urls = zip(addresses, bound).map { "\($0.tls == nil ? "http" : "https")://\($1.address)" }
    }

    func serve(on server: HTTPServer) {
        for (listener, context) in zip(bound, contexts) { listener.serve(on: server, tls: context) }
    }
}

/// A listener that can stand in an array.
private final class BoundListener {
    let address: SocketAddress
    private var listener: Listener?

    init(_ address: ListenAddress) throws {
        let host = address.host == "localhost" ? "127.0.0.1" : address.host
        guard let address = SocketAddress(host, port: UInt16(address.port)) else {
            throw StartError.noAddress(address.text)
        }
        let listener = try Listener(address)
        self.address = listener.address
        self.listener = consume listener
    }

    func serve(on server: HTTPServer, tls: TLSContext?) {
        if let listener = listener.take() { server.serve(listener, tls: tls) }
    }
}

/// Why the gateway does not start.
enum StartError: Error, CustomStringConvertible {
    /// `listen` names a host; it must be an address.
    case noAddress(String)
    /// There is no key for the upstream.
    case noUpstreamKey

    var description: String {
        switch self {
        case .noAddress(let text):
            "\(text) is not an address in figures: listen on 127.0.0.1, on 0.0.0.0 or on an address of this machine"
        case .noUpstreamKey:
            "there is no key for the upstream: set LLMAAS_API_KEY, or upstream.api_keys in the configuration, or start with --sandbox to try without an account"
        }
    }
}

extension GatewayOptions {
    /// What the configuration says, for a gateway of so many loops.
    init(_ configuration: Configuration, sandbox: SocketAddress?, loops: Int) throws {
        let upstream = configuration.upstream
        let origin =
            sandbox.map { Origin(host: "127.0.0.1", port: $0.port, isSecure: false) }
            ?? Origin(
                host: upstream.baseURL.host, port: UInt16(upstream.baseURL.port), isSecure: upstream.baseURL.isSecure)
        let keys = sandbox == nil ? upstream.apiKeys.map { $0.reveal() }.filter { !$0.isEmpty } : ["sandbox"]
        if keys.isEmpty, upstream.baseURL.host.hasSuffix("cloud-temple.com") { throw StartError.noUpstreamKey }
        self.init(
            origin: origin, upstreamKeys: keys, temporaryDirectory: configuration.data,
            machineName: configuration.machineName)
        pathPrefix = sandbox == nil ? Array(upstream.baseURL.pathBeforeVersion.utf8) : []
        client.connectTimeout = upstream.connectTimeout
        client.firstByteTimeout = upstream.firstByteTimeout
        client.idleTimeout = upstream.idleTimeout
        client.connections = max(1, upstream.maxConnections / loops)
        client.retries = upstream.retries
        bodyBytes = configuration.limits.bodyBytes
        uploadBytes = configuration.limits.uploadBytes
        memoryBodyBytes = configuration.limits.memoryBodyBytes
        onDisconnect = configuration.metering.onDisconnect == .finish ? .finish : .cancel
        userHeader = configuration.metering.userHeader
        resetFormat = configuration.limits.resetFormat == .unix ? .unix : .duration
    }
}

extension ServerLimits {
    fileprivate init(_ limits: Configuration.Limits) {
        self.init()
        headerBytes = limits.headerBytes
        connections = limits.connections
        headerTimeout = limits.headerTimeout
        bodyTimeout = limits.bodyTimeout
        idleTimeout = limits.idleTimeout
    }
}
