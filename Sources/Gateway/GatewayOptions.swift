import HTTPClient
import OpenAIAPI
import Policy

/// The gateway's options. Immutable: a reload makes new ones.
package struct GatewayOptions: Sendable {
    /// The upstream.
    package var upstream: UpstreamOptions
    /// Upstreams of the same API, in order, for requests that the first one cannot serve.
    package var fallbacks: [UpstreamOptions] = []
    /// The upstream and its fallbacks.
    var upstreams: [UpstreamOptions] { [upstream] + fallbacks }
    /// The APIs that the upstream has besides chat completions; requests of the others are translated.
    package var nativeAPIs: [Dialect] = []
    /// Timeouts of the connections to the upstream.
    package var client: ClientLimits
    /// The most connections to each upstream, over all loops.
    package var upstreamConnections = 8192
    /// The most bytes of a request's body.
    package var bodyBytes = 64 << 20
    /// The most bytes of a body with an uploaded file.
    package var uploadBytes = 128 << 20
    /// The most bytes of a body that are kept in memory: of a request, or of a response that is held back.
    package var memoryBodyBytes = 1 << 20
    /// The folder of larger bodies, which are kept in unlinked files.
    package var temporaryDirectory: String
    /// The machine's name in the gateway's own `backend` field.
    package var machineName: String
    /// The origins of browser apps that may read responses; `*` for every one.
    package var corsOrigins: [String] = []
    /// The proxies whose `x-forwarded-for` names the client, for the access log.
    package var trustedProxies = TrustedProxies()
    /// The silence after which an event stream gets a comment; zero for none.
    package var streamKeepalive = Duration.seconds(15)
    /// The fate of a response whose client has gone.
    package var onDisconnect = OnDisconnect.cancel
    /// Bounds for responses whose clients have gone.
    package var draining = DrainBounds()
    /// The header that names the user where the body does not; in lower case.
    package var userHeader = "x-propylon-user"
    /// Parts of requests that name a session or a user.
    package var sessionHeaders: [SessionSource] = []

    /// The most time without a byte on a WebSocket, in either direction.
    package var tunnelIdleTimeout = Duration.seconds(3600)

    /// The form of `x-ratelimit-reset-*`.
    package var resetFormat = ResetFormat.unix

    /// Bounds for responses that are read for the ledger alone. Beyond them the upstream's connection is closed, and usage is
    /// what had passed until then.
    package struct DrainBounds: Sendable {
        /// The time for one response, after its client has gone.
        package var time = Duration.seconds(60)
        /// Bytes of one response's body, after its client has gone.
        package var bytes = 64 << 20
        /// Such responses at one time.
        package var answers = 256
    }

    /// The defaults, for `upstream`.
    package init(_ upstream: UpstreamOptions, temporaryDirectory: String, machineName: String) {
        self.upstream = upstream
        self.temporaryDirectory = temporaryDirectory
        self.machineName = machineName
        client = ClientLimits()
    }
}
