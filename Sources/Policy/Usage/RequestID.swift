import Bytes
import Clocks

/// The gateway's id of a request: a UUIDv7 (RFC 9562, section 5.7), so that ids sort by time.
///
/// It is sent as `x-request-id`, and is the primary key of the request's row in the ledger.
package struct RequestID: Hashable, Comparable, Sendable {
    /// The first 8 bytes, big-endian: 48 bits of Unix milliseconds, the version, 12 random bits.
    package let high: UInt64
    /// The last 8 bytes, big-endian: the variant and 62 random bits.
    package let low: UInt64

    /// An id from its 16 bytes in the ledger.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id at `now`. `random` gives 74 bits that must be unpredictable across processes.
    package init(at now: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(bitPattern: max(0, now.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | (random.0 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// The id with the text form `text`, 36 characters in either case.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard byte == ASCII.hyphen else { return nil }
                continue
            }
            guard let digit = Hexadecimal.value(of: byte) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    package static func < (left: RequestID, right: RequestID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Appends the 36 characters of the text form (`01890a5d-ac96-7…`) to `output`.
    package func write(to output: inout [UInt8]) {
        var text = InlineArray<36, UInt8>(repeating: ASCII.hyphen)
        var digits = text.mutableSpan
        var place = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { place += 1 }
            let half = index < 16 ? high : low
            digits[place] = Hexadecimal.digit(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15))))
            place += 1
        }
        output.append(text.span)
    }
}

extension RequestID: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
