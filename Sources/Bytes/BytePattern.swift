import Glibc

/// A text to search for. The search jumps from one occurrence of its rarest byte to the next (`memchr`), so that a text in which
/// that byte is rare costs next to nothing.
package struct BytePattern: Sendable {
    /// The text, of one byte or more.
    package let bytes: [UInt8]
    private let rareOffset: Int

    /// A pattern of `bytes`; nil where there are none.
    package init?(_ bytes: [UInt8]) {
        guard let rarest = bytes.indices.min(by: { Self.frequency(bytes[$0]) < Self.frequency(bytes[$1]) }) else {
            return nil
        }
        self.bytes = bytes
        rareOffset = rarest
    }

    /// A rough order of bytes by how often they occur in JSON, prose and base64.
    private static func frequency(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "."): 1
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 2
        case UInt8(ascii: "j"), UInt8(ascii: "q"), UInt8(ascii: "x"), UInt8(ascii: "z"): 3
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 4
        default: 5
        }
    }

    /// The start of the first occurrence that begins at `start` or after it; nil where there is none.
    package func firstIndex(in text: Span<UInt8>, from start: Int) -> Int? {
        text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress, start >= 0 else { return nil }
            var position = start + rareOffset
            let end = text.count - (bytes.count - 1 - rareOffset)
            // Bounds: `position < end <= text.count`, and a hit leaves room for the whole pattern on both sides.
            while position < end, let hit = memchr(base + position, Int32(bytes[rareOffset]), end - position) {
                let found = base.distance(to: hit.assumingMemoryBound(to: UInt8.self)) - rareOffset
                if matches(base + found, bytes.count) { return found }
                position = found + rareOffset + 1
            }
            return nil
        }
    }

    /// The length of the longest beginning of the pattern, shorter than the whole, at the end of `text[start...]`.
    package func lengthBegun(atEndOf text: Span<UInt8>, from start: Int) -> Int {
        text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress, start >= 0 else { return 0 }
            var length = min(bytes.count - 1, text.count - start)
            while length > 0 {
                if matches(base + (text.count - length), length) { return length }
                length -= 1
            }
            return 0
        }
    }

    /// Compares `length` bytes at `place`, which the caller has checked to be there.
    private func matches(_ place: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        bytes.withUnsafeBufferPointer { $0.baseAddress.map { memcmp($0, place, length) == 0 } ?? false }
    }
}
