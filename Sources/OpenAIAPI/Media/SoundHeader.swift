import Bytes

/// Header bytes of a sound file. Reads beyond the end give zeros, so no file can trap.
struct SoundHeader {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    subscript(index: Int) -> UInt8 { bytes.indices.contains(index) ? bytes[index] : 0 }

    mutating func append(_ range: Range<Int>, of span: Span<UInt8>) { bytes.append(range, of: span) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Removes the first byte.
    mutating func shift() { if !bytes.isEmpty { bytes.removeFirst() } }

    /// Returns true if `name` is at `index`.
    func has(_ name: StaticString, at index: Int) -> Bool {
        bytes.span.hasPrefix(name, from: index, to: count)
    }

    /// The big-endian number of up to 8 bytes at `index`.
    func bigEndian(at index: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(self[index + $1]) }
    }

    /// The little-endian number of up to 8 bytes at `index`.
    func littleEndian(at index: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(self[index + $1]) << (8 * UInt64($1)) }
    }
}
