extension Cause {
    /// The side at fault, and the cause with its remedy. A table in spite of its length: what is not in it does not compile.
    var row: (side: Side, meaning: String) {
        switch self {
        case .invalidRequest: (.client, "The request cannot be read or has an impossible value; its error names which.")
        case .unknownURL: (.client, "The path is none of the API's. Check the client's base URL.")
        case .notFound: (.client, "The file, batch or response is not one of this key's or its team's.")
        case .methodNotAllowed: (.client, "The path has other methods; the field allow names them.")
        case .requestTooLarge: (.client, "The body exceeds limits.body_bytes or limits.upload_bytes.")
        case .requestTimeout: (.client, "The client sent its request too slowly; see limits.body_timeout.")
        case .invalidKey: (.client, "The request has no key, or one that the gateway does not know.")
        case .keyExpired: (.client, "The key has expired. Create or rotate one.")
        case .keyRevoked: (.client, "The key was revoked or replaced. Give its holder the new one.")
        case .keySuspended: (.client, "The key is suspended. Resume it with propylon keys resume.")
        case .modelNotAllowed: (.client, "The key's tier or own list does not have the model.")
        case .endpointNotAllowed: (.client, "The key's tier does not have the endpoint.")
        case .tierUnknown: (.client, "The key's tier is not in the configuration. Add it, or set another one.")
        case .maxTokensExceeded: (.client, "The request asks for more output than its limits ever allow.")
        case .rateLimit: (.client, "A limit per minute is reached.")
        case .concurrencyLimit: (.client, "As many requests are in progress as the limit allows.")
        case .quota: (.client, "A limit of requests or tokens in an hour or a day is reached.")
        case .budget: (.client, "A budget is reached. Grant more, or wait for its next window.")
        case .accountLimit: (.client, "The account's own limit, which all keys share, is reached; see upstream.tier.")
        case .overrun: (.client, "A stream used up the rest of its limits, and its tier stops such streams.")
        case .clientGone: (.client, "The client closed its connection before the end of the response.")
        case .upstreamRejected: (.client, "The upstream refused the request with a 4xx, which the client was sent.")
        case .overloaded: (.gateway, "The gateway has no memory or place for another request; see limits.connections.")
        case .draining: (.gateway, "The gateway was shutting down.")
        case .requestCancelled: (.gateway, "The administrator ended the request; propylon audit names who.")
        case .storeUnavailable:
            (
                .gateway,
                "The data folder cannot be read or written: a full disk, a lock or damage. The detail says which."
            )
        case .poolFull: (.gateway, "All connections to the upstream are in use. Raise upstream.max_connections.")
        case .gatewayDied: (.gateway, "The gateway's process died before the end of the response.")
        case .connectFailed: (.gateway, "This machine could not open a connection. The detail has the system's reason.")
        case .upstreamKeyRefused: (.upstream, "The upstream does not know the gateway's key. Check upstream.api_keys.")
        case .upstreamKeyLimited: (.upstream, "The upstream's limits for the gateway's key are reached (429).")
        case .upstreamHostUnknown: (.upstream, "The upstream's name has no address. Check upstream.base_url and DNS.")
        case .upstreamConnectionRefused: (.upstream, "No server listens at the upstream's address and port.")
        case .upstreamUnreachable: (.upstream, "No network leads to the upstream's address. The detail has the reason.")
        case .upstreamConnectTimeout:
            (.upstream, "The upstream did not accept a connection in upstream.connect_timeout.")
        case .proxyFailed: (.upstream, "The proxy gave no tunnel to the upstream; see upstream.proxy.")
        case .upstreamCertificate: (.upstream, "The upstream's certificate is not trusted; see upstream.ca_file.")
        case .upstreamTLS: (.upstream, "The TLS handshake with the upstream failed. The detail has the reason.")
        case .upstreamClosed: (.upstream, "The upstream closed the connection without a response.")
        case .upstreamFirstByteTimeout: (.upstream, "No response came in upstream.first_byte_timeout.")
        case .upstreamInterrupted: (.upstream, "The upstream closed the connection in the middle of the response.")
        case .upstreamIdleTimeout: (.upstream, "The response stopped for longer than upstream.idle_timeout.")
        case .upstreamMalformed: (.upstream, "The upstream's response is not HTTP, or not what the endpoint answers.")
        case .upstreamUnreadable: (.upstream, "The response could hide one of the gateway's keys, so it did not pass.")
        case .upstreamHandshake: (.upstream, "The upstream did not agree to the WebSocket as it was asked to.")
        case .upstreamError: (.upstream, "The upstream answered with an error of its own, which the client was sent.")
        }
    }
}
