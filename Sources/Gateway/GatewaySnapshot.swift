import Bytes
import HTTPClient
import OpenAIAPI
import Policy
import Transport

/// Everything that a reload replaces, in one value: a request sees one state of it from its beginning to its end.
final class GatewaySnapshot: Sendable {
    let options: GatewayOptions
    let policies: Policies
    let upstreamKeys: UpstreamKeys
    /// The value of the gateway's own `backend` field.
    let backend: String
    /// The `host` field of requests to the upstream.
    let hostField: String
    /// The name, in lower case, of the header that names a client's user.
    let userHeader: [UInt8]
    private let resources: [PerLoopState]

    init(
        options: GatewayOptions, policies: Policies, tls: TLSContext?, shared: SharedClientState, loops: [EventLoop]
    ) {
        self.options = options
        self.policies = policies
        upstreamKeys = UpstreamKeys(options.upstreamKeys)
        backend = #"{"engine_type":"propylon","machine_name":"# + JSONString.quoted(options.machineName) + "}"
        hostField = options.hostField
        userHeader = Array(options.userHeader.utf8)
        let target = ClientTarget(options.origin, context: tls, proxy: options.proxy)
        resources = loops.map {
            PerLoopState($0, HTTPClient(target, limits: options.client, shared: shared, on: $0))
        }
    }

    /// The client of `loop`, which must be the current one.
    func client(on loop: EventLoop) -> HTTPClient { resources(of: loop).client }

    /// The readers of streamed responses on `loop`, which must be the current one.
    func eventReaders(on loop: EventLoop) -> EventReaders { resources(of: loop).eventReaders }

    private func resources(of loop: EventLoop) -> PerLoopState {
        for resources in resources where resources.loop === loop { return resources }
        preconditionFailure("a request on a loop that is not the gateway's")
    }

    func closeClients() {
        for resources in resources { resources.loop.execute { resources.client.close() } }
    }

    var upstreamConnections: (open: Int, resting: Int) {
        resources.reduce((0, 0)) { sum, resources in
            let gauges = resources.gauges
            return (sum.0 + gauges.open.load(ordering: .relaxed), sum.1 + gauges.idle.load(ordering: .relaxed))
        }
    }
}
