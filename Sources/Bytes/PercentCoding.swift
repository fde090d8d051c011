/// Percent-encoding (RFC 3986, section 2.1).
@usableFromInline package enum PercentCoding {
    /// Appends `byte` as `%XX`.
    @inlinable
    package static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(ASCII.percent)
        output.append(Hexadecimal.upperDigit(byte >> 4))
        output.append(Hexadecimal.upperDigit(byte))
    }

    /// Appends `text`. Escapes every byte outside `plain`.
    package static func append(_ text: String, plain: ASCIISet = .unreserved, to output: inout [UInt8]) {
        for byte in text.utf8 {
            if plain.contains(byte) { output.append(byte) } else { appendEscape(of: byte, to: &output) }
        }
    }

    /// The byte that the escape `%XX` at `index` encodes; nil if there is no well-formed escape.
    package static func escapedByte(in bytes: Span<UInt8>, at index: Int) -> UInt8? {
        guard index + 2 < bytes.count, bytes[index] == ASCII.percent else { return nil }
        guard let high = Hexadecimal.value(of: bytes[index + 1]), let low = Hexadecimal.value(of: bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }

    /// The bytes with their escapes decoded.
    ///
    /// - Parameters:
    ///   - plusIsSpace: reads `+` as a space, as in forms and queries (WHATWG URL, section 5.1).
    ///   - isMeant: returns true for an escaped byte that is to be decoded. Other escapes stay as written.
    package static func decoded(
        _ bytes: Span<UInt8>, plusIsSpace: Bool = false, where isMeant: (UInt8) -> Bool = { _ in true }
    ) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let byte = escapedByte(in: bytes, at: index), isMeant(byte) {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(plusIsSpace && bytes[index] == ASCII.plus ? ASCII.space : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// The text with its escapes decoded; nil if an escape is malformed or the result is not UTF-8.
    package static func strictlyDecoded(_ bytes: Span<UInt8>) -> String? {
        for index in 0..<bytes.count
        where bytes[index] == ASCII.percent && escapedByte(in: bytes, at: index) == nil {
            return nil
        }
        return String(validating: decoded(bytes), as: UTF8.self)
    }

    /// Returns true if `bytes` contain a well-formed escape.
    package static func hasEscape(_ bytes: Span<UInt8>) -> Bool {
        for index in 0..<bytes.count where escapedByte(in: bytes, at: index) != nil { return true }
        return false
    }
}
