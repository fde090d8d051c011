import Bytes

/// `HTTP-version SP status-code SP [ reason-phrase ] CRLF` (RFC 9112, section 4). The space after the status may be
/// missing where the reason is, as some servers send it.
struct StatusLine: StartLine {
    static var tooLong: HTTP1Error { .headersTooLarge }
    static var sectionTooLarge: HTTP1Error { .headersTooLarge }
    static var section: FieldSection.Kind { .response }

    private(set) var status = 0
    private(set) var version = HTTPVersion.http11

    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Int? {
        guard let versionEnd = try ProtocolVersion.parse(window, at: 0, fault: .invalidStatusLine) else { return nil }
        guard versionEnd < window.count else { return nil }
        guard window[versionEnd] == ASCII.space else { throw .invalidStatusLine }
        var code = 0
        let codeEnd = versionEnd + 4
        for index in versionEnd + 1..<codeEnd {
            guard index < window.count else { return nil }
            guard ASCII.isDigit(window[index]) else { throw .invalidStatusLine }
            code = code * 10 + Int(window[index] - 0x30)
        }
        guard code >= 100 else { throw .invalidStatusLine }
        guard codeEnd < window.count else { return nil }
        // A tab is text in the reason, but does not separate it from the status.
        let byte = window[codeEnd]
        guard byte == ASCII.space || ASCII.isControl(byte) && byte != ASCII.tab else { throw .invalidStatusLine }
        let lineEnd = window.endOfText(from: codeEnd)
        guard let next = try window.endOfLine(at: lineEnd, fault: .invalidStatusLine) else { return nil }
        version = try ProtocolVersion.value(window, at: 0)
        status = code
        return next
    }
}
