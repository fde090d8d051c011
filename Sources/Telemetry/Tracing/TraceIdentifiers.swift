import Bytes

/// The id of a trace: 128 bits that are not all zero (W3C Trace Context, section 3.2.2.3).
package struct TraceID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// The id of these two words, the first bytes first; nil where both are zero.
    package init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// The id with the bits of a UUID, whose variant begins the second word (RFC 9562, section 4.1).
    package init(uuid high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low | 1 << 63
    }

    /// Appends the 32 lower-case digits.
    package func write(to output: inout [UInt8]) {
        output.appendHexadecimal(high)
        output.appendHexadecimal(low)
    }
}

/// The id of a span: 64 bits that are not all zero (W3C Trace Context, section 3.2.2.4).
package struct SpanID: Hashable, Sendable {
    package let value: UInt64

    /// The id of these bits; nil where all are zero.
    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// The id of random bits.
    package init(random bits: UInt64) { value = max(1, bits) }

    /// Appends the 16 lower-case digits.
    package func write(to output: inout [UInt8]) { output.appendHexadecimal(value) }
}
