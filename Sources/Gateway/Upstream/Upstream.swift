import HTTPClient
import Transport

/// One server that requests are forwarded to: its address, its keys, and the connections of each loop.
final class Upstream: Sendable {
    /// The prefix of its paths, in front of `/v1`, as `/llm`; mostly empty.
    let pathPrefix: [UInt8]
    /// The `host` field of requests to it.
    let hostField: String
    let keys: UpstreamKeys
    /// Its state, which outlasts a reload.
    let health: UpstreamHealth
    private let clients: [LoopClient]

    init(
        _ options: UpstreamOptions, health: UpstreamHealth, client limits: ClientLimits, tls: TLSContext?,
        loops: [EventLoop]
    ) {
        pathPrefix = options.pathPrefix
        hostField = options.hostField
        keys = UpstreamKeys(options.keys)
        self.health = health
        let target = ClientTarget(options.origin, context: tls, proxy: options.proxy)
        clients = loops.map {
            LoopClient($0, HTTPClient(target, limits: limits, shared: health.connections, on: $0))
        }
    }

    /// The client of `loop`, which must be the current one.
    func client(on loop: EventLoop) -> HTTPClient {
        for client in clients where client.loop === loop { return client.client }
        preconditionFailure("a request on a loop that is not the gateway's")
    }

    /// Closes the idle connections, and each other one when its exchange ends.
    func close() {
        for client in clients { client.loop.execute { client.client.close() } }
    }

    var connections: (open: Int, idle: Int) {
        clients.reduce((0, 0)) { sum, client in
            (
                sum.0 + client.gauges.open.load(ordering: .relaxed),
                sum.1 + client.gauges.idle.load(ordering: .relaxed)
            )
        }
    }

    /// The client of one loop.
    ///
    /// - Soundness of `@unchecked Sendable`: `client` is used on `loop` alone.
    private final class LoopClient: @unchecked Sendable {
        let loop: EventLoop
        let client: HTTPClient
        let gauges: PoolGauges

        init(_ loop: EventLoop, _ client: HTTPClient) {
            self.loop = loop
            self.client = client
            gauges = client.gauges
        }
    }
}

/// The address and the keys of one upstream.
package struct UpstreamOptions: Sendable {
    /// The address.
    package var origin: Origin
    /// The prefix of its paths, in front of `/v1`, as `/llm`; mostly empty.
    package var pathPrefix: [UInt8]
    /// Its keys, used in turn. Empty for an upstream without keys.
    package var keys: [String]
    /// The proxy in front of it.
    package var proxy: Proxy?

    /// The upstream at `origin`.
    package init(origin: Origin, pathPrefix: [UInt8] = [], keys: [String]) {
        self.origin = origin
        self.pathPrefix = pathPrefix
        self.keys = keys
    }

    /// The `host` field of requests (RFC 9110, section 7.2): the port where it is not the scheme's own.
    var hostField: String {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        return origin.port == (origin.isSecure ? 443 : 80) ? host : "\(host):\(origin.port)"
    }
}
