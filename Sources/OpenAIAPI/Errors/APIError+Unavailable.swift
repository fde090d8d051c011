/// A gateway that cannot serve a request now: 503.
extension APIError {
    private static func unavailable(_ code: String, _ message: String, wait milliseconds: Int64) -> APIError {
        APIError(503, "service_unavailable_error", code: code, message, retryAfterMilliseconds: milliseconds)
    }

    /// The gateway is full.
    package static var overloaded: APIError {
        unavailable("overloaded", "The gateway serves as many requests as it can. Try again in a moment.", wait: 1000)
    }

    /// All connections to the upstream are in use, and none became free in time.
    package static var upstreamConnectionsExhausted: APIError {
        unavailable(
            "overloaded",
            "All connections to the service behind the gateway are in use. Try again in a moment; the gateway's operator can "
                + "raise `upstream.max_connections`.", wait: 1000)
    }

    /// The gateway is shutting down.
    package static var draining: APIError {
        unavailable(
            "draining", "The gateway is shutting down and takes no new requests. Try again in a moment.", wait: 2000)
    }

    /// The store cannot record usage, so requests are refused.
    package static var storeUnavailable: APIError {
        unavailable(
            "store_unavailable",
            "The gateway's own store is out of reach. Try again; tell its operator if it stays so.",
            wait: 5000)
    }
}
