import Bytes

/// The elements of an array in a valid document.
package enum JSONElements {
    /// The ranges of the elements of the array at `array`, without the white space around them.
    package static func ranges(in document: [UInt8], of array: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var depth = 0
        var isInString = false
        var start: Int?
        var end = 0
        var index = array.lowerBound + 1
        while index < array.upperBound - 1 {
            let byte = document[index]
            if isInString {
                if byte == ASCII.backslash { index += 1 }
                isInString = byte != ASCII.quote
                end = index + 1
            } else if depth == 0, byte == ASCII.comma {
                if let start { ranges.append(start..<end) }
                start = nil
            } else if byte > ASCII.space {
                start = start ?? index
                end = index + 1
                switch byte {
                case ASCII.quote: isInString = true
                case ASCII.openingBrace, ASCII.openingBracket: depth += 1
                case ASCII.closingBrace, ASCII.closingBracket: depth -= 1
                default: break
                }
            }
            index += 1
        }
        if let start { ranges.append(start..<end) }
        return ranges
    }
}
