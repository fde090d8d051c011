/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The encoding of `bytes`.
    package static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for (index, byte) in group.enumerated() { bits |= UInt32(byte) << (16 - 8 * index) }
            for index in 0..<4 {
                let digit = alphabet[Int(bits >> (18 - 6 * index) & 63)]
                output.append(index <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return output
    }

    /// The bytes that `text` encodes, with its padding; nil for another text.
    package static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == ASCII.equals {
                padding += 1
                bits <<= 6
            } else if padding == 0, let value = value(of: byte) {
                bits = bits << 6 | value
            } else {
                return nil
            }
            digits += 1
            guard digits % 4 == 0 else { continue }
            guard padding <= 2 else { return nil }
            for index in 0..<3 - padding { output.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * index))) }
            bits = 0
        }
        return output
    }

    /// The value of a digit; nil for every other byte.
    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(truncatingIfNeeded: byte &- 0x41)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(truncatingIfNeeded: byte &- 0x61 &+ 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(truncatingIfNeeded: byte &- ASCII.zero &+ 52)
        case ASCII.plus: 62
        case ASCII.slash: 63
        default: nil
        }
    }
}
