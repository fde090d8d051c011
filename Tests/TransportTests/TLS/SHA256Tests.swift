import SeededRandom
import Testing

@testable import Transport

@Suite struct SHA256Tests {
    private func hexadecimal(_ text: String) -> String {
        let digest = sha256(Array(text.utf8).span)
        return [digest.0, digest.1, digest.2, digest.3]
            .map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
    }

    @Test(
        arguments: [
            // FIPS 180-4 examples and the empty message.
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func knownDigests(message: String, digest: String) {
        #expect(hexadecimal(message) == digest)
    }

    @Test func aMillionLetters() {
        #expect(
            hexadecimal(String(repeating: "a", count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func agreesWithTheModelAtEveryLength() {
        var generator = SeededGenerator(seed: 256)
        for count in 0...300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(sha256(bytes.span) == Self.model(bytes), "\(count) bytes")
        }
    }

    @Test func manyThreadsAtOnce() async {
        let bytes = Array("a key of some length, as it would be".utf8)
        let expected = sha256(bytes.span)
        let differences = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<2000).reduce(0) { count, _ in sha256(bytes.span) == expected ? count : count + 1 }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(differences == 0)
    }

    /// FIPS 180-4 as it stands, section 6.2.
    private static func model(_ message: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
        let primes = (2...311).filter { number in !(2..<number).contains { number.isMultiple(of: $0) } }
        // The first 32 bits of the fractional parts of the cube roots, and for the start of the square roots, of the
        // first primes.
        let constants = primes.prefix(64).map { fraction(of: $0, root: 3) }
        var hash = primes.prefix(8).map { fraction(of: $0, root: 2) }

        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (message.count * 8) >> ($0 * 8)) }
        for block in stride(from: 0, to: padded.count, by: 64) {
            var schedule = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[block + word * 4 + $1]) }
            }
            for t in 16..<64 {
                let (a, b) = (schedule[t - 15], schedule[t - 2])
                schedule.append(
                    (rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10)) &+ schedule[t - 7]
                        &+ (rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)) &+ schedule[t - 16])
            }
            var w = hash
            for t in 0..<64 {
                let choice = (w[4] & w[5]) ^ (~w[4] & w[6])
                let majority = (w[0] & w[1]) ^ (w[0] & w[2]) ^ (w[1] & w[2])
                let first =
                    w[7] &+ (rotate(w[4], 6) ^ rotate(w[4], 11) ^ rotate(w[4], 25)) &+ choice &+ constants[t]
                    &+ schedule[t]
                let second = (rotate(w[0], 2) ^ rotate(w[0], 13) ^ rotate(w[0], 22)) &+ majority
                w = [first &+ second, w[0], w[1], w[2], w[3] &+ first, w[4], w[5], w[6]]
            }
            hash = zip(hash, w).map { $0 &+ $1 }
        }
        let words = stride(from: 0, to: 8, by: 2).map { UInt64(hash[$0]) << 32 | UInt64(hash[$0 + 1]) }
        return (words[0], words[1], words[2], words[3])
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    /// The first 32 bits behind the point of the root of `number`, found by halving: the largest `x` with x^root <=
    /// number * 2^(32*root).
    private static func fraction(of number: Int, root: Int) -> UInt32 {
        let target = UInt128(number) << UInt128(32 * root)
        var (low, high) = (UInt128(0), UInt128(1) << 38)
        while low + 1 < high {
            let middle = (low + high) / 2
            if (1..<root).reduce(middle, { power, _ in power * middle }) <= target {
                low = middle
            } else {
                high = middle
            }
        }
        return UInt32(truncatingIfNeeded: low)
    }
}
