/// The SHA-256 (FIPS 180-4) of a whole key text, with its `sk-ppl-`. It is stored in place of the secret.
package struct KeyDigest: Hashable, Sendable {
    /// The digest's bytes as big-endian words.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// A digest from its four big-endian words.
    package init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        words = (a, b, c, d)
    }

    /// A digest from its bytes in the ledger; nil unless there are 32.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        func word(at index: Int) -> UInt64 {
            bytes[index..<index + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(at: 0), word(at: 8), word(at: 16), word(at: 24))
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// A number below `count`, a power of two, by bits that `hash` does not use.
    func part(of count: Int) -> Int { Int(truncatingIfNeeded: words.3) & (count - 1) }

    package static func == (left: KeyDigest, right: KeyDigest) -> Bool {
        // Always compares all four words, so that its duration reveals nothing.
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3) == 0
    }

    package func hash(into hasher: inout Hasher) {
        // The bits of a digest are as good as random: one word is enough.
        hasher.combine(words.0)
    }
}

extension KeyDigest {
    /// The digest whose four words are those of a SHA-256.
    package init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.init(words.0, words.1, words.2, words.3) }
}
