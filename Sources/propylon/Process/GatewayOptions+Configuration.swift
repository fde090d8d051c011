import Gateway
import HTTPClient
import HTTPServer
import OpenAIAPI
import Settings
import Transport

extension GatewayOptions {
    /// The options of `configuration`.
    ///
    /// - Parameter sandbox: Address of a simulated upstream that replaces the configured one.
    /// - Throws: `StartError.noUpstreamKey`, `.notAProxy`.
    init(_ configuration: Configuration, sandbox: SocketAddress?) throws(StartError) {
        let upstream = configuration.upstream
        if let sandbox {
            let options = UpstreamOptions(
                origin: Origin(host: "127.0.0.1", port: sandbox.port, isSecure: false), keys: ["key-of-the-sandbox"])
            self.init(options, temporaryDirectory: configuration.data, machineName: configuration.machineName)
        } else {
            let options = try UpstreamOptions(upstream.baseURL, keys: upstream.apiKeys, configuration)
            guard !options.keys.isEmpty || !upstream.baseURL.isVendor else {
                throw StartError.noUpstreamKey
            }
            self.init(options, temporaryDirectory: configuration.data, machineName: configuration.machineName)
            for fallback in upstream.fallbacks {
                fallbacks.append(try UpstreamOptions(fallback.baseURL, keys: fallback.apiKeys, configuration))
            }
        }
        nativeAPIs = upstream.nativeAPIs.map { Dialect($0) }
        client.connectTimeout = upstream.connectTimeout
        client.firstByteTimeout = upstream.firstByteTimeout
        client.idleTimeout = upstream.idleTimeout
        client.maximumAge = upstream.maxConnectionAge
        upstreamConnections = configuration.upstreamConnections
        client.retries = upstream.retries
        bodyBytes = configuration.limits.bodyBytes
        uploadBytes = configuration.limits.uploadBytes
        memoryBodyBytes = configuration.limits.memoryBodyBytes
        corsOrigins = configuration.cors.origins
        trustedProxies = TrustedProxies(configuration.trustedProxies.compactMap { AddressBlock($0) })
        streamKeepalive = configuration.limits.streamKeepalive
        onDisconnect = configuration.metering.onDisconnect
        userHeader = configuration.metering.userHeader
        sessionHeaders = configuration.metering.sessionHeaders
        tunnelIdleTimeout = configuration.limits.tunnelIdleTimeout
        resetFormat = configuration.limits.resetFormat
    }
}

extension Dialect {
    fileprivate init(_ api: Configuration.NativeAPI) {
        self =
            switch api {
            case .responses: .responses
            case .messages: .messages
            }
    }
}

extension UpstreamOptions {
    fileprivate init(_ url: UpstreamURL, keys: [Secret], _ configuration: Configuration) throws(StartError) {
        self.init(
            origin: Origin(url), pathPrefix: Array(url.pathBeforeVersion.utf8),
            keys: keys.map { $0.reveal() }.filter { !$0.isEmpty })
        proxy = try configuration.upstreamProxy(for: origin)
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
}
