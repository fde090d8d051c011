import Bytes
import HTTPClient
import OpenAIAPI
import Policy
import Transport

/// Everything that a reload replaces, in one value: a request sees one state of it from its beginning to its end.
final class GatewaySnapshot: Sendable {
    let options: GatewayOptions
    let policies: Policies
    let upstream: Upstream
    /// Upstreams of the same API, in order, for requests that the first one cannot serve.
    let fallbacks: ArraySlice<Upstream>
    /// The upstream's keys, which must not come down.
    let secrets: UpstreamSecrets
    /// Browser apps that may read responses.
    let crossOrigin: CrossOrigin
    /// The times of silent responses.
    let silence: StreamSilence.Times
    /// The value of the gateway's own `backend` field.
    let backend: String
    /// The name, in lower case, of the header that names a client's user.
    let userHeader: [UInt8]
    let sessions: SessionSources
    /// What is told a collector; nil for nothing.
    let telemetry: RequestTelemetry?
    private let readers: PerLoop<EventReaders>

    /// - Parameter health: the states of the upstream and its fallbacks.
    init(
        options: GatewayOptions, policies: Policies, tls: TLSContext?, health: [UpstreamHealth], loops: [EventLoop],
        events: (any EventSink)?, telemetry: RequestTelemetry?
    ) {
        self.options = options
        self.policies = policies
        let upstreams = zip(options.upstreams, health).map {
            Upstream($0, health: $1, client: options.client, tls: tls, loops: loops, events: events)
        }
        upstream = upstreams[0]
        fallbacks = upstreams.dropFirst()
        secrets = UpstreamSecrets(options.upstreams.flatMap(\.keys))
        crossOrigin = CrossOrigin(options.corsOrigins)
        silence = StreamSilence.Times(idle: options.client.idleTimeout, keepalive: options.streamKeepalive)
        backend = #"{"engine_type":"propylon","machine_name":"# + JSONString.quoted(options.machineName) + "}"
        userHeader = Array(options.userHeader.utf8)
        sessions = SessionSources(options.sessionHeaders)
        self.telemetry = telemetry
        readers = PerLoop(loops) { _ in EventReaders() }
    }

    /// The readers of streamed responses on `loop`, which must be the current one.
    func eventReaders(on loop: EventLoop) -> EventReaders { readers[loop] }

    func closeClients() {
        upstream.close()
        for fallback in fallbacks { fallback.close() }
    }

    var upstreamConnections: (open: Int, idle: Int) {
        fallbacks.reduce(upstream.connections) { sum, fallback in
            let own = fallback.connections
            return (sum.0 + own.open, sum.1 + own.idle)
        }
    }
}
