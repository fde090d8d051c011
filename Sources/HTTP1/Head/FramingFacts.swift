import Bytes

/// What the fields of a head say about its body, its connection and its host, gathered line by line.
struct FramingFacts: Sendable {
    private(set) var contentLength: UInt64?
    /// `connection: close`.
    private(set) var closes = false
    /// `connection: keep-alive`.
    private(set) var keepsAlive = false
    /// Whether `connection` has an option that may be the name of a field.
    private(set) var connectionNominates = false
    private(set) var expectsContinue = false
    private(set) var expectsOther = false
    private(set) var host: Range<Int>?
    private(set) var hostCount = 0
    private var codings = 0
    private var chunkedCodings = 0
    private var endsChunked = false

    /// Whether there is a `transfer-encoding`.
    var hasTransferCoding: Bool { codings > 0 }

    /// Takes in a field of `kind` whose value stands at `value`.
    mutating func note(_ kind: FieldKind, _ window: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Error) {
        switch kind {
        case .host:
            host = value
            hostCount += 1
        case .contentLength:
            guard contentLength == nil else { throw .repeatedContentLength }
            contentLength = try Self.length(window, value)
        case .transferEncoding: try noteCodings(window, value)
        case .connection: noteOptions(window, value)
        case .expect:
            if window.equalsIgnoringCase(value, "100-continue") { expectsContinue = true } else { expectsOther = true }
        case .other, .hopByHop: break
        }
    }

    /// A number of decimal digits alone, below 2^63, so that it fits every integer it is later put in.
    private static func length(_ window: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Error) -> UInt64 {
        guard !value.isEmpty, value.count <= 19 else { throw .invalidContentLength }
        var length: UInt64 = 0
        for index in value {
            guard ASCII.isDigit(window[index]) else { throw .invalidContentLength }
            // Nineteen digits fit into 64 bits without a sign.
            length = length &* 10 &+ UInt64(window[index] &- 0x30)
        }
        guard length <= UInt64(Int64.max) else { throw .invalidContentLength }
        return length
    }

    private mutating func noteCodings(_ window: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Error) {
        var position = value.lowerBound
        while let member = window.nextListMember(&position, end: value.upperBound) {
            let name = window.withoutParameters(member)
            guard !name.isEmpty, window.index(after: .token, from: name.lowerBound) >= name.upperBound else {
                throw .invalidTransferCoding
            }
            codings += 1
            endsChunked = window.equalsIgnoringCase(name, "chunked")
            if endsChunked {
                chunkedCodings += 1
                guard name == member else { throw .invalidTransferCoding }
            }
        }
    }

    private mutating func noteOptions(_ window: Span<UInt8>, _ value: Range<Int>) {
        var position = value.lowerBound
        while let member = window.nextListMember(&position, end: value.upperBound) {
            let option = window.withoutParameters(member)
            if window.equalsIgnoringCase(option, "close") {
                closes = true
            } else if window.equalsIgnoringCase(option, "keep-alive") {
                keepsAlive = true
            } else if !option.isEmpty {
                connectionNominates = true
            }
        }
    }

    /// The framing that the head states, or nil where it states none (RFC 9112, 6.3).
    func statedFraming(_ version: HTTPVersion) throws(HTTP1Error) -> BodyFraming? {
        guard hasTransferCoding else { return contentLength.map { .length($0) } }
        if version == .http10 { throw .transferCodingInHTTP10 }
        if contentLength != nil { throw .conflictingFraming }
        guard chunkedCodings == 1, endsChunked else { throw .invalidTransferCoding }
        guard codings == 1 else { throw .unsupportedTransferCoding }
        return .chunked
    }

    /// Whether the sender will take another message on this connection (RFC 9112, 9.3).
    func keepsConnection(_ version: HTTPVersion) -> Bool {
        !closes && (version == .http11 || keepsAlive)
    }
}
