import Glibc

/// A text to search for. A long one is found by jumps of nearly its length, a short one from one occurrence of its rarest byte to
/// the next (`memchr`): either way most bytes of the searched text are not looked at one by one.
package struct BytePattern: Sendable {
    /// The text, of one byte or more.
    package let bytes: [UInt8]
    private let search: Search

    private enum Search {
        /// Looks for the byte at this place of the pattern.
        case rarestByte(offset: Int)
        /// Looks at the last byte where the pattern could be, and jumps by its distance from the pattern's end (Horspool, 1980).
        case jumps([UInt8])
    }

    /// The length from which jumps are cheaper than a search for one byte, even a rare one.
    private static let jumpLength = 12

    /// A pattern of `bytes`; nil where there are none.
    package init?(_ bytes: [UInt8]) {
        guard let rarest = bytes.indices.min(by: { Self.frequency(bytes[$0]) < Self.frequency(bytes[$1]) }) else {
            return nil
        }
        self.bytes = bytes
        search = bytes.count < Self.jumpLength ? .rarestByte(offset: rarest) : .jumps(Self.jumps(of: bytes))
    }

    /// For each byte, how far the pattern can move when that byte is at its end.
    private static func jumps(of bytes: [UInt8]) -> [UInt8] {
        var jumps = [UInt8](repeating: UInt8(clamping: bytes.count), count: 256)
        for (index, byte) in bytes.dropLast().enumerated() {
            jumps[Int(byte)] = UInt8(clamping: bytes.count - 1 - index)
        }
        return jumps
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
            // Bounds: both searches look at whole patterns within `text[start...]` only.
            guard let base = text.baseAddress, start >= 0, bytes.count <= text.count - start else { return nil }
            return switch search {
            case .rarestByte(let offset): firstIndex(in: base, start, text.count, rarest: offset)
            case .jumps(let jumps): firstIndex(in: base, start, text.count, jumps)
            }
        }
    }

    @inline(__always)
    private func firstIndex(in base: UnsafePointer<UInt8>, _ start: Int, _ count: Int, rarest: Int) -> Int? {
        var position = start + rarest
        let end = count - (bytes.count - 1 - rarest)
        while position < end, let hit = memchr(base + position, Int32(bytes[rarest]), end - position) {
            // Sound: `memchr` points into the bytes at `base`, and `position < end` leaves room for the whole pattern.
            let found = base.distance(to: hit.assumingMemoryBound(to: UInt8.self)) - rarest
            if matches(base + found, bytes.count) { return found }
            position = found + rarest + 1
        }
        return nil
    }

    @inline(__always)
    private func firstIndex(in base: UnsafePointer<UInt8>, _ start: Int, _ count: Int, _ jumps: [UInt8]) -> Int? {
        let last = bytes.count - 1
        let lastByte = bytes[last]
        return jumps.withUnsafeBufferPointer { jumps in
            var position = start + last
            while position < count {
                let byte = base[position]
                if byte == lastByte, matches(base + (position - last), last) { return position - last }
                position += Int(jumps[Int(byte)])
            }
            return nil
        }
    }

    /// The length of the longest beginning of the pattern, shorter than the whole, at the end of `text[start...]`.
    package func lengthBegun(atEndOf text: Span<UInt8>, from start: Int) -> Int {
        text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress, start >= 0 else { return 0 }
            var length = min(bytes.count - 1, text.count - start)
            while length > 0, let hit = memchr(base + (text.count - length), Int32(bytes[0]), length) {
                // Sound: `memchr` points into the last `length` bytes of `text`.
                length = text.count - base.distance(to: hit.assumingMemoryBound(to: UInt8.self))
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
