import Gateway
import HTTPClient
import HTTPServer
import Settings
import Transport

extension GatewayOptions {
    /// The options of `configuration` for a gateway with `loops` event loops.
    ///
    /// - Parameter sandbox: Address of a simulated upstream that replaces the configured one.
    /// - Throws: `StartError.noUpstreamKey`.
    init(_ configuration: Configuration, sandbox: SocketAddress?, loops: Int) throws(StartError) {
        let upstream = configuration.upstream
        let options: UpstreamOptions
        if let sandbox {
            options = UpstreamOptions(
                origin: Origin(host: "127.0.0.1", port: sandbox.port, isSecure: false), keys: ["sandbox"])
        } else {
            options = UpstreamOptions(upstream.baseURL, keys: upstream.apiKeys)
            guard !options.keys.isEmpty || !upstream.baseURL.host.hasSuffix("cloud-temple.com") else {
                throw StartError.noUpstreamKey
            }
        }
        self.init(options, temporaryDirectory: configuration.data, machineName: configuration.machineName)
        if sandbox == nil {
            fallbacks = upstream.fallbacks.map { UpstreamOptions($0.baseURL, keys: $0.apiKeys) }
        }
        client.connectTimeout = upstream.connectTimeout
        client.firstByteTimeout = upstream.firstByteTimeout
        client.idleTimeout = upstream.idleTimeout
        client.connections = max(1, upstream.maxConnections / loops)
        client.retries = upstream.retries
        bodyBytes = configuration.limits.bodyBytes
        uploadBytes = configuration.limits.uploadBytes
        memoryBodyBytes = configuration.limits.memoryBodyBytes
        corsOrigins = configuration.cors.origins
        streamKeepalive = configuration.limits.streamKeepalive
        onDisconnect = configuration.metering.onDisconnect
        userHeader = configuration.metering.userHeader
        tunnelIdleTimeout = configuration.limits.tunnelIdleTimeout
        resetFormat = configuration.limits.resetFormat
    }
}

extension UpstreamOptions {
    fileprivate init(_ url: UpstreamURL, keys: [Secret]) {
        self.init(
            origin: Origin(url), pathPrefix: Array(url.pathBeforeVersion.utf8),
            keys: keys.map { $0.reveal() }.filter { !$0.isEmpty })
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
