/// A character of several bytes in UTF-8 that is read byte by byte (RFC 3629, section 4).
struct PartialCharacter: Sendable {
    /// The number of bytes that are missing.
    private(set) var missingBytes = 0
    /// The range of the next byte.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Begins a character. Returns false if no character begins with `byte`, or if it is ASCII.
    mutating func begin(_ byte: UInt8) -> Bool {
        low = 0x80
        high = 0xBF
        switch byte {
        case 0xC2...0xDF:
            missingBytes = 1
        case 0xE0...0xEF:
            missingBytes = 2
            // Exclude overlong forms and surrogates.
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            missingBytes = 3
            // Exclude overlong forms and scalars above U+10FFFF.
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default:
            return false
        }
        return true
    }

    /// Adds the next byte. Returns false if the character cannot have it.
    mutating func add(_ byte: UInt8) -> Bool {
        guard low <= byte, byte <= high else { return false }
        low = 0x80
        high = 0xBF
        missingBytes &-= 1
        return true
    }
}
