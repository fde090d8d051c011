/// Ways to split an input. They follow from the bytes, so an input that breaks a property does so again.
package struct Splits: Sequence, IteratorProtocol {
    private let count: Int
    private var position = 0
    private var state: UInt64
    /// The largest piece, a power of two, less one.
    private let mask: UInt64

    package init(_ bytes: Span<UInt8>) {
        count = bytes.count
        let hash = bytes.withUnsafeBytes(Self.hash)
        state = hash | 1
        coin = hash >> 40 & 1 == 1
        mask = (1 << (hash >> 20 & 7)) - 1
    }

    /// A hash of all bytes, eight at a time.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self), into: &hash)
            index += 8
        }
        while index < bytes.count {
            mix(UInt64(bytes[index]), into: &hash)
            index += 1
        }
        return hash
    }

    private static func mix(_ word: UInt64, into hash: inout UInt64) {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        hash = product.high ^ product.low
    }

    /// A choice between two ways to read the input.
    package let coin: Bool

    /// The range of the next piece, which is not empty; nil after the last one.
    package mutating func next() -> Range<Int>? {
        guard position < count else { return nil }
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let start = position
        position = Swift.min(count, start + 1 + Int(state & mask))
        return start..<position
    }
}

extension Span<UInt8> {
    /// The bytes as an array.
    package var array: [UInt8] { withUnsafeBufferPointer { Array($0) } }

    /// Returns true for bytes that begin with `prefix`.
    package func starts(with prefix: [UInt8]) -> Bool {
        count >= prefix.count && prefix.indices.allSatisfy { self[$0] == prefix[$0] }
    }

    /// The offset of the first `byte`; nil without one.
    package func firstIndex(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }
}
