import Gateway
import HTTPClient
import HTTPServer
import Settings
import Transport

extension GatewayOptions {
    /// The options of `configuration`.
    ///
    /// - Parameter sandbox: Address of a simulated upstream that replaces the configured one.
    /// - Throws: `StartError.noUpstreamKey`, `.notAProxy`.
    init(_ configuration: Configuration, sandbox: SocketAddress?) throws(StartError) {
        let upstream = configuration.upstream
        let keys = upstream.apiKeys.map { $0.reveal() }.filter { !$0.isEmpty }
        if let sandbox {
            self.init(
                origin: Origin(host: "127.0.0.1", port: sandbox.port, isSecure: false), upstreamKeys: ["sandbox"],
                temporaryDirectory: configuration.data, machineName: configuration.machineName)
        } else {
            guard !keys.isEmpty || !upstream.baseURL.host.hasSuffix("cloud-temple.com") else {
                throw StartError.noUpstreamKey
            }
            self.init(
                origin: Origin(upstream.baseURL), upstreamKeys: keys, temporaryDirectory: configuration.data,
                machineName: configuration.machineName)
            pathPrefix = Array(upstream.baseURL.pathBeforeVersion.utf8)
            proxy = try configuration.upstreamProxy(for: origin)
        }
        client.connectTimeout = upstream.connectTimeout
        client.firstByteTimeout = upstream.firstByteTimeout
        client.idleTimeout = upstream.idleTimeout
        client.maximumAge = upstream.maxConnectionAge
        upstreamConnections = configuration.upstreamConnections
        client.retries = upstream.retries
        bodyBytes = configuration.limits.bodyBytes
        uploadBytes = configuration.limits.uploadBytes
        memoryBodyBytes = configuration.limits.memoryBodyBytes
        onDisconnect = configuration.metering.onDisconnect
        userHeader = configuration.metering.userHeader
        resetFormat = configuration.limits.resetFormat
    }
}

extension Origin {
    fileprivate init(_ url: UpstreamURL) {
        // `UpstreamURL` has checked the range of the port.
        self.init(host: url.host, port: UInt16(clamping: url.port), isSecure: url.isSecure)
    }
}

extension ServerLimits {
    /// The bounds of the public listeners.
    init(_ limits: Configuration.Limits) {
        self.init()
        headerBytes = limits.headerBytes
        connections = limits.connections
        headerTimeout = limits.headerTimeout
        bodyTimeout = limits.bodyTimeout
        idleTimeout = limits.idleTimeout
    }
}

extension Configuration {
    /// Connections to the upstream at one time.
    var upstreamConnections: Int { upstream.maxConnections ?? limits.connections }

    /// Returns true if members differ that only a restart applies.
    func needsRestart(after old: Configuration) -> Bool {
        listen != old.listen || admin != old.admin || data != old.data || log != old.log
            || limits.connections != old.limits.connections || limits.headerBytes != old.limits.headerBytes
            || limits.headerTimeout != old.limits.headerTimeout || limits.bodyTimeout != old.limits.bodyTimeout
            || limits.idleTimeout != old.limits.idleTimeout
    }
}
