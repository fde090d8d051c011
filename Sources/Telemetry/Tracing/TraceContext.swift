import Bytes

/// A span of another program as `traceparent` names it (W3C Trace Context, section 3.2), and the way to name one.
package struct TraceContext: Hashable, Sendable {
    /// The flags that are known.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        /// The flags of these bits.
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Somebody may have recorded the trace (section 3.2.2.5.1).
        package static let sampled = Flags(rawValue: 1)
        /// The last 56 bits of the trace's id are random (level 2, section 3.2.2.5.2).
        package static let random = Flags(rawValue: 2)
    }

    /// The number of bytes of version 00.
    private static let length = 55

    package let trace: TraceID
    package let span: SpanID
    package let flags: Flags

    /// The context of these parts.
    package init(_ trace: TraceID, _ span: SpanID, _ flags: Flags) {
        self.trace = trace
        self.span = span
        self.flags = flags
    }

    /// The context that the value `text` of a `traceparent` names; nil where it is invalid, so that a new trace begins.
    ///
    /// A later version is read as version 00 and may be longer (section 3.2.2.1, "Versioning of traceparent"). Unknown flags are
    /// left out.
    package init?(parsing text: Span<UInt8>) {
        guard text.count >= Self.length, text[2] == ASCII.hyphen, text[35] == ASCII.hyphen, text[52] == ASCII.hyphen,
            let version = Self.word(text, 0..<2), version != 0xFF,
            text.count == Self.length || version > 0 && text[55] == ASCII.hyphen,
            let high = Self.word(text, 3..<19), let low = Self.word(text, 19..<35),
            let span = Self.word(text, 36..<52).flatMap({ SpanID($0) }), let flags = Self.word(text, 53..<55),
            let trace = TraceID(high: high, low: low)
        else { return nil }
        self.init(trace, span, Flags(rawValue: UInt8(truncatingIfNeeded: flags)).intersection([.sampled, .random]))
    }

    /// The number of the digits at `range`, at most 16 of them; nil for anything else. Upper-case digits are invalid.
    private static func word(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        var word: UInt64 = 0
        for index in range {
            let byte = text[index]
            guard let digit = Hexadecimal.value(of: byte), Hexadecimal.digit(digit) == byte else { return nil }
            word = word << 4 | UInt64(digit)
        }
        return word
    }

    /// The value of a `traceparent`, in version 00.
    package var traceparent: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.length)
        text.append("00-")
        trace.write(to: &text)
        text.append(ASCII.hyphen)
        span.write(to: &text)
        text.append("-0")
        text.append(Hexadecimal.digit(flags.rawValue))
        return text
    }
}
