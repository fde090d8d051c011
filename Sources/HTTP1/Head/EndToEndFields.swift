import Bytes

/// Fields that a `connection` option cannot remove.
///
/// A sender must not name a field there that is meant for all recipients (RFC 9110, section 7.6.1). An option that does
/// is ignored: else a client could have a field removed after the gateway has judged the message by it.
enum EndToEndFields {
    private static let names: [StaticString] = [
        "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow", "api-key",
        "authorization", "cache-control", "cookie", "date", "etag", "expect", "expires", "from", "host",
        "idempotency-key", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
        "last-modified", "location", "origin", "pragma", "prefer", "range", "referer", "retry-after", "server",
        "set-cookie", "user-agent", "vary", "via", "warning", "www-authenticate", "x-api-key", "x-request-id",
    ]

    /// Returns true for a listed name, and for every name that begins with `content-`.
    static func contains(_ window: Span<UInt8>, _ name: Range<Int>) -> Bool {
        window.hasPrefixIgnoringCase(name, "content-") || names.contains { window.equalsIgnoringCase(name, $0) }
    }
}
