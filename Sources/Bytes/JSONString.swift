/// The writing of JSON strings (RFC 8259, section 7).
@usableFromInline package enum JSONString {
    /// Appends `text` in quotes, in ASCII only, as header values need it too.
    package static func append(_ text: String, to output: inout [UInt8]) {
        output.append(ASCII.quote)
        for scalar in text.unicodeScalars {
            if scalar.isASCII && scalar.value != 0x7F {
                appendEscaped(UInt8(truncatingIfNeeded: scalar.value), to: &output)
            } else {
                appendEscapes(of: scalar, to: &output)
            }
        }
        output.append(ASCII.quote)
    }

    /// Appends `text` in quotes, in UTF-8.
    package static func appendUTF8(_ text: String, to output: inout [UInt8]) {
        output.append(ASCII.quote)
        appendEscaped(text.utf8.span, to: &output)
        output.append(ASCII.quote)
    }

    /// `text` in quotes, in ASCII only.
    package static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends `bytes` of a string's content, escaped. A span: byte by byte through the protocol of sequences it takes far longer.
    package static func appendEscaped(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        for index in bytes.indices { appendEscaped(bytes[index], to: &output) }
    }

    /// Appends one byte of a string's content, escaped if JSON demands it.
    @inlinable
    package static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case ASCII.quote, ASCII.backslash:
            output.append(ASCII.backslash)
            output.append(byte)
        case ASCII.lineFeed: output.append("\\n")
        case ASCII.carriageReturn: output.append("\\r")
        case ASCII.tab: output.append("\\t")
        case 0..<ASCII.space:
            output.append("\\u00")
            output.append(Hexadecimal.digit(byte >> 4))
            output.append(Hexadecimal.digit(byte))
        default: output.append(byte)
        }
    }

    /// Appends `scalar` as `\uXXXX`, or as two of them that form a surrogate pair.
    package static func appendEscapes(of scalar: Unicode.Scalar, to output: inout [UInt8]) {
        for unit in String(scalar).utf16 {
            output.append("\\u")
            for shift in [12, 8, 4, 0] as [UInt16] {
                output.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: unit >> shift)))
            }
        }
    }
}
