/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Text of up to 12 characters, among them all that the exposition format escapes or that may upset its readers.
    mutating func text() -> String {
        let alphabet = ["\\", "\"", "\n", "n", "a", "{", "}", ",", "=", " ", "#", "é", "🦆", "\u{0}", "\r", "\t"]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? "" }
            .joined()
    }
}
