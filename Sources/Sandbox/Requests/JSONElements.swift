import Bytes

/// The elements of an array in valid JSON.
enum JSONElements {
    /// The place of each element of the array at `range`.
    static func ranges(in bytes: [UInt8], of range: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var depth = 0
        var start: Int?
        var end = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            switch byte {
            case ASCII.quote:
                if depth == 1, start == nil { start = index }
                index += 1
                while bytes[index] != ASCII.quote { index += bytes[index] == ASCII.backslash ? 2 : 1 }
                end = index + 1
            case ASCII.openingBracket, ASCII.openingBrace:
                if depth == 1, start == nil { start = index }
                depth += 1
            case ASCII.comma, ASCII.closingBracket, ASCII.closingBrace:
                if depth == 1 {
                    if let start { ranges.append(start..<end) }
                    start = nil
                }
                if byte != ASCII.comma { depth -= 1 }
                end = index + 1
            case 0...0x20: break
            default:
                if depth == 1, start == nil { start = index }
                end = index + 1
            }
            index += 1
        }
        return ranges
    }
}
