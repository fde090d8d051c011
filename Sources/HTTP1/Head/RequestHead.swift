import Bytes

/// The head of a valid request. An object: every step of a request looks into it, and none copies it.
@usableFromInline package final class RequestHead: Sendable {
    /// The fields. Every other range refers to `fields.bytes`.
    package let fields: HeaderFields
    /// The method as written; methods are case-sensitive.
    package let method: Range<Int>
    /// The request target as written.
    package let target: Range<Int>
    /// The path without the query, percent-encoded as it came. For an absolute target the part after the authority, or
    /// `/` where that is empty; `*` for `OPTIONS *`.
    package let path: Range<Int>
    /// The query without its `?`; nil where the target has none.
    package let query: Range<Int>?
    /// The version of the request line.
    package let version: HTTPVersion
    /// Framing of the body: `.none`, `.length` or `.chunked`.
    package let framing: BodyFraming
    /// True where the client accepts another response on this connection (RFC 9112, section 9.3).
    package let keepAlive: Bool
    /// True where the client waits for 100 (Continue) and then sends its body (RFC 9110, section 10.1.1). False without
    /// a body, and in HTTP/1.0.
    package let expectsContinue: Bool

    init(_ line: RequestLine, _ fields: HeaderFields, _ facts: FramingFacts) throws(HTTP1Error) {
        let window = fields.bytes.span
        let parts = try RequestTarget(window, line)
        try Self.checkHost(window, line.version, facts, authority: parts.authority)
        let framing = try facts.statedFraming(line.version) ?? .none
        if facts.expectsOther { throw .unsupportedExpectation }
        self.fields = fields
        method = line.method
        target = line.target
        path = parts.path
        query = parts.query
        version = line.version
        self.framing = framing
        keepAlive = facts.keepsConnection(line.version)
        expectsContinue =
            facts.expectsContinue && line.version == .http11 && framing != .none && framing != .length(0)
    }

    /// Checks for one valid `host`, which may be missing in HTTP/1.0 (RFC 9112, section 3.2).
    ///
    /// By section 3.2.2 the target's authority wins over `host`. Not every parser does that, so both must agree.
    private static func checkHost(
        _ window: Span<UInt8>, _ version: HTTPVersion, _ facts: FramingFacts, authority: Range<Int>?
    ) throws(HTTP1Error) {
        guard let host = facts.host else {
            if version == .http11 { throw .missingHost }
            return
        }
        guard facts.hostCount == 1 else { throw .repeatedHost }
        guard HostSyntax.isValid(window, host) else { throw .invalidHost }
        if let authority, !window.equalsIgnoringCase(authority, host) { throw .invalidHost }
    }
}

/// Reads the heads of the requests of one connection, one after the other, from any split of their bytes.
///
/// It holds no memory while no byte of a head has come. After an error neither it nor the connection can be used.
@usableFromInline package struct RequestHeadReader: HeadReader, Sendable {
    /// Empty lines that may precede a request line. More than clients are known to send, and few enough that a connection
    /// which sends nothing else ends soon.
    private static let maximumEmptyLines = 16

    private var assembler: HeadAssembler<RequestLine>
    private var emptyLines = EmptyLines()

    /// Empty lines before a request line so far (RFC 9112, section 2.2).
    private struct EmptyLines {
        var count = 0
        var isAfterReturn = false
    }

    /// A reader of requests.
    ///
    /// - Parameter limit: bytes of a whole head, with start line and empty line; at least 1.
    package init(limit: Int) {
        assembler = HeadAssembler(limit: limit)
    }

    /// True while no byte of a head has come since the start or the last head: the connection is idle.
    @usableFromInline package var isEmpty: Bool { assembler.isEmpty }

    /// Reads on in `bytes`. After `.complete` the reader is ready for the next head, which may follow this message's
    /// body directly.
    @usableFromInline package mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> HeadProgress<RequestHead> {
        let skipped = assembler.isEmpty ? try skipEmptyLines(bytes) : 0
        guard skipped < bytes.count else { return .needsMore }
        guard let end = try assembler.read(bytes.extracting(skipped..<bytes.count)) else { return .needsMore }
        emptyLines.count = 0
        let (line, fields, facts) = assembler.removeHead()
        return .complete(try RequestHead(line, fields, facts), consumed: skipped + end)
    }

    private mutating func skipEmptyLines(_ bytes: Span<UInt8>) throws(HTTP1Error) -> Int {
        var index = 0
        while index < bytes.count {
            if emptyLines.isAfterReturn {
                guard bytes[index] == ASCII.lineFeed else { throw .invalidLineEnding }
                emptyLines.isAfterReturn = false
                emptyLines.count += 1
            } else {
                guard bytes[index] == ASCII.carriageReturn else { break }
                guard emptyLines.count < Self.maximumEmptyLines else { throw .invalidRequestLine }
                emptyLines.isAfterReturn = true
            }
            index += 1
        }
        return index
    }
}
