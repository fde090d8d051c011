import Bytes

/// Bytes in tables: visible ASCII as it is, else `\r`, `\n`, `\t`, `\\` or `\xHH`.
enum EscapedBytes {
    /// The text of `bytes`. A bar is escaped, since it separates columns.
    static func text(of bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case ASCII.carriageReturn: text += "\\r"
            case ASCII.lineFeed: text += "\\n"
            case ASCII.tab: text += "\\t"
            case ASCII.backslash: text += "\\\\"
            case 0x20...0x7E where byte != UInt8(ascii: "|"): text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "\\x"
                text.unicodeScalars.append(Unicode.Scalar(Hexadecimal.digit(byte >> 4)))
                text.unicodeScalars.append(Unicode.Scalar(Hexadecimal.digit(byte & 15)))
            }
        }
        return text
    }

    /// The bytes that `text` writes; nil for a malformed escape.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == ASCII.backslash else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): bytes.append(ASCII.carriageReturn)
            case UInt8(ascii: "n"): bytes.append(ASCII.lineFeed)
            case UInt8(ascii: "t"): bytes.append(ASCII.tab)
            case ASCII.backslash: bytes.append(ASCII.backslash)
            case UInt8(ascii: "x"):
                guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                    let low = rest.popFirst().flatMap(Hexadecimal.value)
                else { return nil }
                bytes.append(high << 4 | low)
            default: return nil
            }
        }
        return bytes
    }
}
