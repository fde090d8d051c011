/// The SHA-256 (FIPS 180-4) of a whole key text, `sk-ppl-…` included: what is kept of a key in place of its secret.
package struct KeyDigest: Hashable, Sendable {
    /// The digest's bytes, eight to a word, the first byte in the highest place.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest of these four words, the first byte of each in its highest place.
    package init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        words = (a, b, c, d)
    }

    /// The digest whose bytes are `bytes`, as they stand in the ledger; nil where these are not 32.
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

    package static func == (left: KeyDigest, right: KeyDigest) -> Bool {
        // All four words in any case: how long a comparison takes says nothing of the digest.
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3) == 0
    }

    package func hash(into hasher: inout Hasher) {
        // The bits of a digest are as good as random: one word tells all keys apart.
        hasher.combine(words.0)
    }
}

extension KeyDigest {
    /// The digest whose four words are those of a SHA-256.
    package init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.init(words.0, words.1, words.2, words.3) }
}
