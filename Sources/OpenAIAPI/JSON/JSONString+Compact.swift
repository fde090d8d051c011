import Bytes

extension JSONString {
    /// Appends the valid JSON `value` in ASCII, without the white space between its tokens. All else stays as written.
    static func appendCompact(_ value: Span<UInt8>, to output: inout [UInt8]) {
        var isInString = false
        var isEscaped = false
        /// The start of the bytes that are not appended yet.
        var start = 0
        var index = 0
        while index < value.count {
            let byte = value[index]
            if byte >= 0x7F {
                // Only strings have such characters.
                output.append(start..<index, of: value)
                appendEscapes(of: value, from: &index, to: &output)
                start = index
                continue
            }
            if !isInString {
                isInString = byte == ASCII.quote
                if byte <= ASCII.space {
                    output.append(start..<index, of: value)
                    start = index + 1
                }
            } else if isEscaped {
                isEscaped = false
            } else {
                isEscaped = byte == ASCII.backslash
                isInString = byte != ASCII.quote
            }
            index += 1
        }
        output.append(start..<index, of: value)
    }

    /// Appends the characters from `index` on that are DEL or not ASCII, as escapes.
    private static func appendEscapes(of value: Span<UInt8>, from index: inout Int, to output: inout [UInt8]) {
        let start = index
        while index < value.count, value[index] >= 0x7F { index += 1 }
        let text = [UInt8](start..<index, of: value)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { appendEscapes(of: scalar, to: &output) }
    }
}
