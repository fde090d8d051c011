import Bytes

/// The head of a request, found valid.
package struct RequestHead: Sendable {
    /// The fields; every range below refers to `fields.bytes`.
    package let fields: HeaderFields
    /// The method as written; methods are case-sensitive.
    package let method: Range<Int>
    /// The request target as written.
    package let target: Range<Int>
    /// The path without the query, percent-encoding untouched: of an absolute target what is behind the authority, `/`
    /// where that is empty; `*` of `OPTIONS *`.
    package let path: Range<Int>
    /// The query without its `?`. Nil without a `?`, empty with nothing behind it.
    package let query: Range<Int>?
    /// The version of the request line.
    package let version: HTTPVersion
    /// How the body ends: `.none`, `.length` or `.chunked`.
    package let framing: BodyFraming
    /// Whether the client will take another response on this connection (RFC 9112, 9.3).
    package let keepAlive: Bool
    /// Whether the client waits for a 100 before it sends its body (RFC 9110, 10.1.1). Never true without a body, nor
    /// in HTTP/1.0.
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

    /// RFC 9112, 3.2: one valid `host` in HTTP/1.1; in HTTP/1.0 it may be missing. RFC 9112, 3.2.2 has the target's
    /// authority win over `host`; as not every parser knows that, they must agree.
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
/// It holds no memory while no byte of a head has come. After an error it is of no more use, as is the connection.
package struct RequestHeadReader: HeadReader, Sendable {
    private var assembler: HeadAssembler<RequestLine>
    private var emptyLine = EmptyLine.notSeen

    /// The one empty line that may stand before a request line (RFC 9112, 2.2).
    private enum EmptyLine { case notSeen, carriageReturn, seen }

    /// `limit`: bytes of a whole head, start line and closing empty line included; at least 1.
    package init(limit: Int) {
        assembler = HeadAssembler(limit: limit)
    }

    /// Whether no byte of a head has come since the start or the last head: an idle connection.
    package var isEmpty: Bool { assembler.isEmpty }

    /// Takes bytes. After `.complete` the reader is ready for the next head, which may begin right behind this
    /// message's body.
    package mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> HeadProgress<RequestHead> {
        let skipped = assembler.isEmpty ? try skipEmptyLine(bytes) : 0
        guard skipped < bytes.count else { return .needsMore }
        guard let end = try assembler.read(bytes.extracting(skipped..<bytes.count)) else { return .needsMore }
        emptyLine = .notSeen
        let (line, fields, facts) = assembler.take()
        return .complete(try RequestHead(line, fields, facts), consumed: skipped + end)
    }

    private mutating func skipEmptyLine(_ bytes: Span<UInt8>) throws(HTTP1Error) -> Int {
        var index = 0
        if index < bytes.count, emptyLine == .notSeen, bytes[index] == ASCII.carriageReturn {
            emptyLine = .carriageReturn
            index += 1
        }
        if index < bytes.count, emptyLine == .carriageReturn {
            guard bytes[index] == ASCII.lineFeed else { throw .invalidLineEnding }
            emptyLine = .seen
            index += 1
        }
        return index
    }
}
