import Bytes

/// `method SP request-target SP HTTP-version CRLF` (RFC 9112, 3).
struct RequestLine: StartLine {
    static var tooLong: HTTP1Error { .targetTooLong }
    static var sectionTooLarge: HTTP1Error { .headersTooLarge }
    static var section: FieldSection.Kind { .request }

    private(set) var method = 0..<0
    private(set) var target = 0..<0
    private(set) var version = HTTPVersion.http11

    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Int? {
        let methodEnd = window.index(after: .token, from: 0)
        guard methodEnd < window.count else { return nil }
        guard window[methodEnd] == ASCII.space, methodEnd > 0 else {
            throw Self.fault(window[methodEnd]) ?? .invalidMethod
        }
        let targetStart = methodEnd + 1
        let targetEnd = window.index(after: .target, from: targetStart)
        guard targetEnd < window.count else { return nil }
        guard window[targetEnd] == ASCII.space, targetEnd > targetStart else {
            throw Self.fault(window[targetEnd]) ?? (targetEnd == targetStart ? .invalidRequestLine : .invalidTarget)
        }
        guard let versionEnd = try ProtocolVersion.parse(window, at: targetEnd + 1, fault: .invalidRequestLine) else {
            return nil
        }
        guard let next = try window.endOfLine(at: versionEnd, fault: .invalidRequestLine) else { return nil }
        version = try ProtocolVersion.value(window, at: targetEnd + 1)
        method = 0..<methodEnd
        target = targetStart..<targetEnd
        return next
    }

    /// Fault of a line that ends too early with `byte`; nil for a byte that does not end it.
    private static func fault(_ byte: UInt8) -> HTTP1Error? {
        switch byte {
        case ASCII.lineFeed: .invalidLineEnding
        case ASCII.carriageReturn: .invalidRequestLine
        default: nil
        }
    }
}

/// `"HTTP" "/" DIGIT "." DIGIT` (RFC 9112, 2.3), case-sensitive.
enum ProtocolVersion {
    private static let length = 8

    /// Checks the form. Returns the position after it, or nil while a part of it is missing.
    static func parse(_ window: Span<UInt8>, at start: Int, fault: HTTP1Error) throws(HTTP1Error) -> Int? {
        let form: StaticString = "HTTP/0.0"
        for offset in 0..<length {
            guard start + offset < window.count else { return nil }
            let byte = window[start + offset]
            let expected = form.utf8Start[offset]
            guard byte == expected || ASCII.isDigit(expected) && ASCII.isDigit(byte) else { throw fault }
        }
        return start + length
    }

    /// Returns the version at `start`, after a check of its form.
    ///
    /// A higher minor version is processed as the highest that is known (RFC 9110, section 2.5).
    static func value(_ window: Span<UInt8>, at start: Int) throws(HTTP1Error) -> HTTPVersion {
        guard window[start + 5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return window[start + 7] == ASCII.zero ? .http10 : .http11
    }
}
