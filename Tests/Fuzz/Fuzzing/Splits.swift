/// Ways to split an input. They follow from the bytes, so an input that breaks a property does so again.
package struct Splits: Sequence, IteratorProtocol {
    private let count: Int
    private var position = 0
    private var state: UInt64
    private let largest: UInt64

    package init(_ bytes: Span<UInt8>) {
        count = bytes.count
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        state = hash | 1
        coin = hash >> 40 & 1 == 1
        largest = 1 << (hash >> 20 & 7)
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
        position = Swift.min(count, start + 1 + Int(state % largest))
        return start..<position
    }
}

extension Span<UInt8> {
    /// The bytes as an array.
    package var array: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }

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
