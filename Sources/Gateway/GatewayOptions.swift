import HTTPClient
import Policy

/// What the gateway is told of the upstream and of itself. Immutable: a reload makes new ones.
package struct GatewayOptions: Sendable {
    /// Where the upstream is.
    package var origin: Origin
    /// What stands before `/v1` in the upstream's paths, as `/llm`; mostly nothing.
    package var pathPrefix: [UInt8]
    /// The upstream's keys, used in turn. Empty where the upstream wants none.
    package var upstreamKeys: [String]
    /// Time-outs and connections towards the upstream, of each loop.
    package var client: ClientLimits
    /// Bytes of a request's body.
    package var bodyBytes = 64 << 20
    /// Bytes of an uploaded file's body.
    package var uploadBytes = 128 << 20
    /// Bytes of a body, of a request or held back of an answer, that are kept in memory.
    package var memoryBodyBytes = 1 << 20
    /// Where larger bodies are kept, in files without a name.
    package var temporaryDirectory: String
    /// The name in the gateway's own `backend`.
    package var machineName: String
    /// What happens to an answer whose caller has gone.
    package var onDisconnect = OnDisconnect.finish
    /// How far answers are read on whose callers have gone.
    package var draining = ReadingOn()
    /// The header that names the user where the body does not; in lower case.
    package var userHeader = "x-propylon-user"

    /// How `x-ratelimit-reset-*` is written.
    package var resetFormat = ResetFormat.unix

    /// Bounds for what is read for nobody but the ledger: beyond them the upstream's connection is closed, and the usage is
    /// what had passed until then.
    package struct ReadingOn: Sendable {
        /// Of one answer, after its caller has gone.
        package var time = Duration.seconds(60)
        /// Bytes of one answer's body, after its caller has gone.
        package var bytes = 64 << 20
        /// Answers at one time.
        package var answers = 256
    }

    /// The defaults of `INTERFACE.md` for the upstream at `origin`.
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
