import Policy

extension Configuration {
    /// Bounds on what clients can use. Sizes are in bytes.
    package struct Limits: Sendable, Equatable {
        /// `header_bytes`
        package var headerBytes = 32 << 10
        /// `body_bytes`
        package var bodyBytes = 64 << 20
        /// `upload_bytes`
        package var uploadBytes = 128 << 20
        /// `memory_body_bytes`
        package var memoryBodyBytes = 1 << 20
        /// `connections`
        package var connections = 8192
        /// `header_timeout`
        package var headerTimeout = Duration.seconds(10)
        /// `body_timeout`
        package var bodyTimeout = Duration.seconds(60)
        /// `idle_timeout`
        package var idleTimeout = Duration.seconds(75)
        /// `stream_keepalive`
        package var streamKeepalive = Duration.seconds(15)
        /// `tunnel_idle_timeout`
        package var tunnelIdleTimeout = Duration.seconds(3600)
        /// `drain_timeout`
        package var drainTimeout = Duration.seconds(30)
        /// `reset_format`
        package var resetFormat = ResetFormat.unix

        static var members: [Member<Limits>] {
            [
                Member(
                    \.headerBytes, "header_bytes", .size(1 << 10...1 << 24), "Size of the head of a request.",
                    takesEffect: .restart),
                Member(\.bodyBytes, "body_bytes", .size(1 << 10...1 << 40), "Size of the body of a request."),
                Member(
                    \.uploadBytes, "upload_bytes", .size(1 << 10...1 << 40),
                    "Size of the body of an upload: files, audio."),
                Member(
                    \.memoryBodyBytes, "memory_body_bytes", .size(0...1 << 30),
                    "Size of a body that is kept in memory. A larger one goes to a temporary file without a name."),
                Member(
                    \.connections, "connections", .integer(1...1_000_000), "Client connections open at one time.",
                    takesEffect: .restart),
                Member(
                    \.headerTimeout, "header_timeout", .timeout,
                    "Time for the head of a request, from its first byte to its last.", takesEffect: .restart),
                Member(
                    \.bodyTimeout, "body_timeout", .timeout,
                    "Longest time without progress in receiving a body or in sending a response. After it a body needs 1 KiB/s on "
                        + "the whole.", takesEffect: .restart),
                Member(
                    \.idleTimeout, "idle_timeout", .timeout, "Longest silence between two requests on a connection.",
                    takesEffect: .restart),
                Member(
                    \.tunnelIdleTimeout, "tunnel_idle_timeout", .timeout,
                    "Longest silence on a WebSocket, in both directions."),
                Member(
                    \.streamKeepalive, "stream_keepalive", .duration(.zero...(.hours(1))),
                    "Silence of an event stream after which the client gets a comment line, so that proxies do not cut it; "
                        + "0 for none."),
                Member(
                    \.drainTimeout, "drain_timeout", .duration(.zero...(.hours(24))),
                    "Time that a shutdown leaves to the responses in progress."),
                Member(
                    \.resetFormat, "reset_format", .choice,
                    "Format of the `x-ratelimit-reset-*` headers: seconds since 1970, as the upstream sends, or a duration "
                        + "such as `6m0s`, as OpenAI sends."),
            ]
        }
    }
}
