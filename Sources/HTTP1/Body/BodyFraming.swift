/// The two versions of the protocol that are spoken.
package enum HTTPVersion: Sendable {
    case http10, http11
}

/// How a message's body ends (RFC 9112, 6.3).
package enum BodyFraming: Hashable, Sendable {
    /// There is no body.
    case none
    /// So many bytes, below 2^63.
    case length(UInt64)
    /// The chunked transfer coding.
    case chunked
    /// The end of the connection is the end of the body; responses alone.
    case untilClose
}

/// How far a head has come.
package enum HeadProgress<Head: Sendable>: Sendable {
    /// All bytes were taken and kept.
    case needsMore
    /// The head, and how many bytes of the span just given belong to it or stand before it. What follows is the body.
    case complete(Head, consumed: Int)
}
