/// Protocol versions that are supported.
package enum HTTPVersion: Sendable {
    case http10, http11
}

/// Framing of a message's body: the rule by which a receiver finds its end (RFC 9112, section 6.3).
package enum BodyFraming: Hashable, Sendable {
    /// No body.
    case none
    /// A number of bytes, below 2^63.
    case length(UInt64)
    /// The chunked transfer coding.
    case chunked
    /// The close of the connection ends the body. For responses only.
    case untilClose
}

/// Progress of a head that is read.
@usableFromInline package enum HeadProgress<Head: Sendable>: Sendable {
    /// All bytes were consumed; the head needs more.
    case needsMore
    /// The head is complete. `consumed` counts the bytes of the last span up to its end; the rest belongs to the body.
    case complete(Head, consumed: Int)
}
