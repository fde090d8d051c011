extension Configuration {
    /// The upstream.
    package struct Upstream: Sendable, Equatable {
        /// `base_url`
        package var baseURL = UpstreamURL.vendor
        /// `api_keys`: used in turn; empty where none was given.
        package var apiKeys: [Secret] = []
        /// `native_apis`: forwarded as they are, where all others are translated.
        package var nativeAPIs: [NativeAPI] = []
        /// `fallbacks`: upstreams of the same API, in order.
        package var fallbacks: [Fallback] = []
        /// `tier`: the limits of the account itself, a tier that exists; nil for none.
        package var tier: String?
        /// `connect_timeout`
        package var connectTimeout = Duration.seconds(5)
        /// `first_byte_timeout`
        package var firstByteTimeout = Duration.seconds(300)
        /// `idle_timeout`
        package var idleTimeout = Duration.seconds(300)
        /// `max_connections`; nil: as `limits.connections`.
        package var maxConnections: Int?
        /// `max_connection_age`
        package var maxConnectionAge = Duration.seconds(300)
        /// `proxy`: an http URL. It may hold a password, so it is a secret. Nil: the environment's.
        package var proxy: Secret?
        /// `retries`
        package var retries = 2
        /// `ca_file`
        package var caFile: String?

        static var members: [Member<Upstream>] {
            [
                // The vendor's own programs read the same two variables.
                Member(
                    \.baseURL, "base_url", .url, "Base URL of the API, without user, query and fragment.",
                    from: "${LLMAAS_API_URL:-\(UpstreamURL.vendor.text)}"),
                // An upstream without keys is possible: `serve` decides for which URLs.
                Member(
                    list: \.apiKeys, "api_keys", .upstreamKey,
                    "Keys of the upstream account, used in turn. A key that is refused, exhausted or limited rests, as long as "
                        + "the upstream says.",
                    variable: "LLMAAS_API_KEY",
                    example: #"""
                        upstream:
                          api_keys: ["${file:/run/secrets/llmaas_api_key}"]
                        """#),
                Member(
                    list: \.nativeAPIs, "native_apis", .choice,
                    "APIs that the upstream, and each of its fallbacks, serves itself: their requests are forwarded as they "
                        + "are. Requests of the others are translated to chat completions and back."),
                Member(
                    sections: \.fallbacks, "fallbacks", Fallback.members, Fallback(),
                    "Upstreams of the same API, tried in order where the one before is out of reach, answers 503 or has used "
                        + "up the limits of all its keys. For requests that no upstream keeps anything of: not for files, "
                        + "batches and unknown endpoints.",
                    example: #"""
                        upstream:
                          fallbacks:
                            - base_url: https://llm.example.com/v1
                              api_keys: ["${file:/run/secrets/fallback_key}"]
                        """#),
                Member(
                    optional: \.tier, "tier", .text,
                    "Tier whose limits the upstream account itself has, shared by all keys. Under contention each key gets "
                        + "a share by the weight of its tier."),
                Member(
                    \.connectTimeout, "connect_timeout", .timeout,
                    "Time for a connection, from the look-up of the name to the end of the TLS handshake."),
                Member(
                    \.firstByteTimeout, "first_byte_timeout", .timeout,
                    "Time from the last byte of a request to the first byte of the response's body. In an event stream, to its first "
                        + "event: comments do not count."),
                Member(\.idleTimeout, "idle_timeout", .timeout, "Longest silence within a response."),
                Member(
                    optional: \.maxConnections, "max_connections", .integer(1...1_000_000),
                    "Connections open at one time; `null`: as `limits.connections`. While all are in use, requests wait for "
                        + "`connect_timeout`, in order."),
                Member(
                    \.maxConnectionAge, "max_connection_age", .timeout,
                    "Age at which a connection is not used again, so that changes of DNS are followed."),
                Member(
                    optional: \.proxy, "proxy", .proxyURL,
                    "HTTP proxy for connections to the upstream (CONNECT), and for webhooks unless `NO_PROXY` names their "
                        + "host. `null`: the one of `HTTPS_PROXY`, unless `NO_PROXY` names the upstream."),
                Member(
                    \.retries, "retries", .integer(0...10),
                    "Further attempts after a failure, before the first byte of a response and never where the request may "
                        + "have been billed."),
                Member(
                    optional: \.caFile, "ca_file", .path,
                    "PEM file of the certificate authorities to trust, instead of the system's."),
            ]
        }
    }

    /// An API that an upstream may have besides chat completions.
    package enum NativeAPI: String, CaseIterable, Sendable {
        /// OpenAI's Responses API.
        case responses
        /// Anthropic's Messages API.
        case messages
    }

    /// An upstream that is used where another one cannot serve a request.
    package struct Fallback: Sendable, Equatable {
        /// `base_url`
        package var baseURL = UpstreamURL.vendor
        /// `api_keys`: used in turn; empty for an upstream without keys.
        package var apiKeys: [Secret] = []

        static var members: [Member<Fallback>] {
            [
                Member(\.baseURL, "base_url", .url, "Base URL of the API, without user, query and fragment."),
                Member(list: \.apiKeys, "api_keys", .upstreamKey, "Keys of this upstream, used in turn."),
            ]
        }
    }
}
