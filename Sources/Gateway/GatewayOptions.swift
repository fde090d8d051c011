import HTTPClient
import Policy

/// The gateway's options. Immutable: a reload makes new ones.
package struct GatewayOptions: Sendable {
    /// The upstream's address.
    package var origin: Origin
    /// The prefix of the upstream's paths, in front of `/v1`, as `/llm`; mostly empty.
    package var pathPrefix: [UInt8]
    /// The upstream's keys, used in turn. Empty for an upstream without keys.
    package var upstreamKeys: [String]
    /// Timeouts of the connections to the upstream.
    package var client: ClientLimits
    /// The most connections to the upstream, over all loops.
    package var upstreamConnections = 8192
    /// The proxy in front of the upstream.
    package var proxy: Proxy?
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
    /// The fate of a response whose client has gone.
    package var onDisconnect = OnDisconnect.finish
    /// Bounds for responses whose clients have gone.
    package var draining = DrainBounds()
    /// The header that names the user where the body does not; in lower case.
    package var userHeader = "x-propylon-user"

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

    /// The defaults, for the upstream at `origin`.
    package init(origin: Origin, upstreamKeys: [String], temporaryDirectory: String, machineName: String) {
        self.origin = origin
        self.upstreamKeys = upstreamKeys
        self.temporaryDirectory = temporaryDirectory
        self.machineName = machineName
        pathPrefix = []
        client = ClientLimits()
    }

    /// The `host` field of requests to the upstream (RFC 9110, section 7.2): the port where it is not the scheme's own.
    var hostField: String {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        return origin.port == (origin.isSecure ? 443 : 80) ? host : "\(host):\(origin.port)"
    }
}
