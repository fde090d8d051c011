/// A reader of heads, as of requests or responses.
@usableFromInline package protocol HeadReader {
    associatedtype Head: Sendable

    /// True while no byte of a head has come.
    var isEmpty: Bool { get }

    /// Reads on in `bytes`.
    mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> HeadProgress<Head>
}

/// A head on its way in, from a connection that delivers it in parts.
///
/// Keep it in an object, not in an async frame: a suspended task keeps the memory of its deepest frame.
///
/// Types and members are `@usableFromInline`, so that other modules specialise them: unspecialised, each head would look up
/// generic metadata at run time. A generic class would do so each time that it is freed.
@usableFromInline package struct HeadIntake<Reader: HeadReader> {
    @usableFromInline var reader: Reader
    /// The head, once it is complete.
    @usableFromInline package private(set) var head: Reader.Head?

    @inlinable
    package init(_ reader: consuming Reader) { self.reader = reader }

    /// True while no byte of the head has come. An empty line in front of it does not count (RFC 9112, section 2.2).
    @inlinable package var isEmpty: Bool { reader.isEmpty }

    @inlinable package var isComplete: Bool { head != nil }

    /// Reads on in `bytes`.
    ///
    /// - Returns: how many of them belong to the head; the others come after it.
    @inlinable
    package mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> Int {
        switch try reader.read(bytes) {
        case .needsMore: return bytes.count
        case .complete(let complete, let consumed):
            head = complete
            return consumed
        }
    }
}
