import HTTPClient
import Policy
import Transport

/// One server that requests are forwarded to: its address, its keys, and the connections of each loop.
final class Upstream: Sendable {
    /// The prefix of its paths, in front of `/v1`, as `/llm`; mostly empty.
    let pathPrefix: [UInt8]
    let origin: Origin
    /// The `host` field of requests to it.
    let hostField: String
    let keys: UpstreamKeys
    /// Its state, which outlasts a reload.
    let health: UpstreamHealth
    private let clients: PerLoop<HTTPClient>
    private let gauges: [PoolGauges]

    init(
        _ options: UpstreamOptions, health: UpstreamHealth, client limits: ClientLimits, tls: TLSContext?,
        loops: [EventLoop], events: (any EventSink)?
    ) {
        pathPrefix = options.pathPrefix
        origin = options.origin
        hostField = options.origin.hostField
        keys = UpstreamKeys(options.keys, of: health.name, events)
        self.health = health
        let target = ClientTarget(options.origin, context: tls, proxy: options.proxy)
        var gauges: [PoolGauges] = []
        clients = PerLoop(loops) { loop in
            let client = HTTPClient(target, limits: limits, shared: health.connections, on: loop)
            gauges.append(client.gauges)
            return client
        }
        self.gauges = gauges
    }

    /// The client of `loop`, which must be the current one.
    func client(on loop: EventLoop) -> HTTPClient { clients[loop] }

    /// Closes the idle connections, and each other one when its exchange ends.
    func close() { clients.execute { $0.close() } }

    var connections: (open: Int, idle: Int) {
        gauges.reduce((0, 0)) { sum, gauges in
            (sum.0 + gauges.open.load(ordering: .relaxed), sum.1 + gauges.idle.load(ordering: .relaxed))
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
}
