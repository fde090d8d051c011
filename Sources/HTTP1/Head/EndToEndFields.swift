import Bytes

/// Fields that a `connection` option cannot remove: those that the gateway judges a message by, or that change what it means.
///
/// A sender must not name a field there that is meant for all recipients (RFC 9110, section 7.6.1). An option that does
/// is ignored: else a client could have a field removed after the gateway has judged the message by it. Every other field
/// that an option names is removed, as the same section says.
enum EndToEndFields {
    private static let names: [StaticString] = [
        "allow", "api-key", "authorization", "cache-control", "etag", "expect", "expires", "host", "idempotency-key",
        "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
        "location", "pragma", "range", "retry-after", "set-cookie", "vary", "www-authenticate", "x-api-key",
        "x-request-id",
    ]

    /// Returns true for a listed name, and for every name that begins with `content-`.
    static func contains(_ window: Span<UInt8>, _ name: Range<Int>) -> Bool {
        window.hasPrefixIgnoringCase(name, "content-") || names.contains { window.equalsIgnoringCase(name, $0) }
    }
}
