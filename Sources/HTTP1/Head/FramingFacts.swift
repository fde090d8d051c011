import Bytes

/// Facts about a message's body, connection and host, collected from its fields line by line.
struct FramingFacts: Sendable {
    private(set) var contentLength: UInt64?
    /// True for `connection: close`.
    private(set) var closes = false
    /// True for `connection: keep-alive`.
    private(set) var keepsAlive = false
    /// True where `connection` has an option that may be the name of a field.
    private(set) var connectionNominates = false
    private(set) var expectsContinue = false
    private(set) var expectsOther = false
    private(set) var host: Range<Int>?
    private(set) var hostCount = 0
    private var codings = 0
    private var chunkedCodings = 0
    private var endsChunked = false

    /// True where the message has a `transfer-encoding`.
    var hasTransferCoding: Bool { codings > 0 }

    /// Notes a field of `kind` with the value at `value`.
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
            noteExpectations(window, value)
        case .other, .hopByHop: break
        }
    }

    /// Reads a number that consists of decimal digits only. Below 2^63, so that it fits a signed integer.
    private static func length(_ window: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Error) -> UInt64 {
        guard !value.isEmpty else { throw .invalidContentLength }
        var length: UInt64 = 0
        for index in value {
            // A further digit of a number up to this one fits into 64 unsigned bits.
            guard ASCII.isDigit(window[index]), length <= UInt64(Int64.max) / 10 else { throw .invalidContentLength }
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

    private mutating func noteExpectations(_ window: Span<UInt8>, _ value: Range<Int>) {
        var position = value.lowerBound
        while let member = window.nextListMember(&position, end: value.upperBound) {
            if member.isEmpty { continue }
            if window.equalsIgnoringCase(member, "100-continue") { expectsContinue = true } else { expectsOther = true }
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

    /// The framing that the head states, or nil where it states none (RFC 9112, section 6.3).
    func statedFraming(_ version: HTTPVersion) throws(HTTP1Error) -> BodyFraming? {
        guard hasTransferCoding else { return contentLength.map { .length($0) } }
        if version == .http10 { throw .transferCodingInHTTP10 }
        if contentLength != nil { throw .conflictingFraming }
        guard chunkedCodings == 1, endsChunked else { throw .invalidTransferCoding }
        guard codings == 1 else { throw .unsupportedTransferCoding }
        return .chunked
    }

    /// Returns true where the sender accepts another message on this connection (RFC 9112, section 9.3).
    func keepsConnection(_ version: HTTPVersion) -> Bool {
        !closes && (version == .http11 || keepsAlive)
    }
}
