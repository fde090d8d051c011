/// JSON that is written by hand, a piece at a time.
struct JSONOutput: Sendable {
    var bytes: [UInt8] = []

    init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    /// Text that is JSON already.
    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Text that is JSON already.
    mutating func raw(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

    /// A string with its quotes.
    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        escaped(text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func stringOrNull(_ text: String?) {
        if let text { string(text) } else { raw("null") }
    }

    /// The inside of a string (RFC 8259, section 7).
    mutating func escaped(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: raw("\\n")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(Self.hexadecimalDigit(byte >> 4))
                bytes.append(Self.hexadecimalDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
    }

    mutating func integer(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        if bytes.count - start > 1 { bytes[start...].reverse() }
    }

    /// `thousandths` as a decimal with three digits behind the point. It is not negative.
    mutating func thousandths(_ thousandths: Int) {
        integer(thousandths / 1000)
        fraction(thousandths % 1000, digits: 3)
    }

    /// `millionths` as a decimal with six digits behind the point.
    mutating func millionths(_ millionths: Int) {
        if millionths < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = Int(millionths.magnitude)
        integer(magnitude / 1_000_000)
        fraction(magnitude % 1_000_000, digits: 6)
    }

    private mutating func fraction(_ value: Int, digits: Int) {
        bytes.append(UInt8(ascii: "."))
        let start = bytes.count
        var rest = value
        for _ in 0..<digits {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
