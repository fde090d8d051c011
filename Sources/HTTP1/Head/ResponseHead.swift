/// The head of a valid response, final or 101.
@usableFromInline package struct ResponseHead: Sendable {
    /// The fields, in the bytes of the head.
    package let fields: HeaderFields
    /// The status: 200...999, or 101.
    package let status: Int
    /// The version of the status line.
    package let version: HTTPVersion
    /// Framing of the body, which depends on the request's method too.
    package let framing: BodyFraming
    /// True where the server accepts another request on this connection (RFC 9112, section 9.3). False where the close
    /// ends the body, after 101, and where the head announces a body that its status cannot have.
    package let keepAlive: Bool

    init(
        _ line: StatusLine, _ fields: HeaderFields, _ facts: FramingFacts, answeringHEAD: Bool
    ) throws(HTTP1Error) {
        let stated = try facts.statedFraming(line.version)
        let framing: BodyFraming
        var mayHaveSurplus = false
        switch line.status {
        case 100..<200, 204:
            // These have no body, even where the fields state one (section 6.3, rule 1). A server that states one might send it.
            framing = .none
            mayHaveSurplus = stated != nil && stated != .length(0)
        case 304: framing = .none
        default: framing = answeringHEAD ? .none : stated ?? .untilClose
        }
        self.fields = fields
        status = line.status
        version = line.version
        self.framing = framing
        keepAlive =
            facts.keepsConnection(line.version) && framing != .untilClose && line.status != 101 && !mayHaveSurplus
    }
}

/// Reads the heads of the responses of one connection, one after the other, from any split of their bytes.
///
/// It holds no memory while no byte of a head has come. After an error neither it nor the connection can be used.
@usableFromInline package struct ResponseHeadReader: HeadReader, Sendable {
    /// More 1xx responses than this before a final one are refused.
    private static let maximumInterimHeads = 8

    private var assembler: HeadAssembler<StatusLine>
    private let answeringHEAD: Bool
    private var interimHeads = 0

    /// A reader of responses.
    ///
    /// - Parameters:
    ///   - limit: bytes of a whole head, status line and closing empty line included; at least 1.
    ///   - answeringHEAD: true where the requests are HEAD, so that no body follows.
    package init(limit: Int, answeringHEAD: Bool) {
        assembler = HeadAssembler(limit: limit)
        self.answeringHEAD = answeringHEAD
    }

    /// True while no byte of a response, interim ones included, has come since the start or the last head.
    @usableFromInline package var isEmpty: Bool { assembler.isEmpty && interimHeads == 0 }

    /// Reads on in `bytes`. Skips up to eight 1xx heads, but not 101: a gateway need not forward them as a proxy must (RFC
    /// 9110, section 15.2). After `.complete` the reader is ready for the next head.
    @usableFromInline package mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> HeadProgress<ResponseHead>
    {
        var consumed = 0
        while consumed < bytes.count {
            guard let end = try assembler.read(bytes.extracting(consumed..<bytes.count)) else { return .needsMore }
            consumed += end
            let (line, fields, facts) = assembler.removeHead()
            let head = try ResponseHead(line, fields, facts, answeringHEAD: answeringHEAD)
            if head.status >= 200 || head.status == 101 {
                interimHeads = 0
                return .complete(head, consumed: consumed)
            }
            interimHeads += 1
            guard interimHeads <= Self.maximumInterimHeads else { throw .tooManyInterimResponses }
        }
        return .needsMore
    }
}
