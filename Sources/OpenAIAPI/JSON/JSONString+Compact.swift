import Bytes

extension JSONString {
    /// Appends the valid JSON `value` in ASCII, without the white space between its tokens. All else stays as written.
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
