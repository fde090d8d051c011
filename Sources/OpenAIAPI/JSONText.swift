/// Writes JSON by hand: what the gateway itself puts into bodies and headers.
enum JSONText {
    /// Appends `text` as a JSON string (RFC 8259, section 7) in ASCII alone, so that it may stand in a header as well.
    static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars { append(scalar, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5C:
            output.append(UInt8(ascii: "\\"))
            output.append(UInt8(scalar.value))
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0x20..<0x7F: output.append(UInt8(scalar.value))
        default: appendEscapes(of: scalar, to: &output)
        }
    }

    /// Appends `scalar` as one `\uXXXX`, or as the two of a surrogate pair.
    static func appendEscapes(of scalar: Unicode.Scalar, to output: inout [UInt8]) {
        for unit in UTF16.encode(scalar)! {
            output.append(UInt8(ascii: "\\"))
            output.append(UInt8(ascii: "u"))
            for shift in stride(from: 12, through: 0, by: -4) {
                let digit = UInt8(unit >> UInt16(shift) & 0xF)
                output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    /// Appends the JSON value `value`, which is valid, without the white space between its tokens and in ASCII alone.
    /// Everything else of it stays as it was written.
    static func appendCompact(_ value: [UInt8], to output: inout [UInt8]) {
        var isInString = false
        var isEscaped = false
        for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
            if isInString {
                if scalar.value < 0x7F {
                    output.append(UInt8(scalar.value))
                } else {
                    appendEscapes(of: scalar, to: &output)
                }
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else if scalar == "\"" {
                    isInString = false
                }
            } else if scalar.value > 0x20 {
                output.append(UInt8(truncatingIfNeeded: scalar.value))
                isInString = scalar == "\""
            }
        }
    }
}
