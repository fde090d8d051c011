import Bytes

/// Fields that decide about a message's framing, its connection and its next hop. The parser recognises each once.
enum FieldKind: UInt8, Sendable {
    /// Any other field; nearly all are.
    case other
    case host, contentLength, transferEncoding, connection, expect
    /// Ends at the next hop, and has no other meaning here.
    case hopByHop

    /// The kind of the field with the name at `name`.
    init(_ window: Span<UInt8>, _ name: Range<Int>) {
        self = .other
        switch ASCII.lowercased(window[name.lowerBound]) {
        case UInt8(ascii: "c"):
            if window.equalsIgnoringCase(name, "content-length") {
                self = .contentLength
            } else if window.equalsIgnoringCase(name, "connection") {
                self = .connection
            }
        case UInt8(ascii: "e"):
            if window.equalsIgnoringCase(name, "expect") { self = .expect }
        case UInt8(ascii: "h"):
            if window.equalsIgnoringCase(name, "host") { self = .host }
        case UInt8(ascii: "k"):
            if window.equalsIgnoringCase(name, "keep-alive") { self = .hopByHop }
        case UInt8(ascii: "p"):
            if window.hasPrefixIgnoringCase(name, "proxy-") { self = .hopByHop }
        case UInt8(ascii: "t"):
            if window.equalsIgnoringCase(name, "transfer-encoding") {
                self = .transferEncoding
            } else if window.equalsIgnoringCase(name, "te") || window.equalsIgnoringCase(name, "trailer") {
                self = .hopByHop
            }
        case UInt8(ascii: "u"):
            if window.equalsIgnoringCase(name, "upgrade") { self = .hopByHop }
        default: break
        }
    }

    var isHopByHop: Bool {
        switch self {
        case .connection, .transferEncoding, .hopByHop: true
        case .other, .host, .contentLength, .expect: false
        }
    }
}
