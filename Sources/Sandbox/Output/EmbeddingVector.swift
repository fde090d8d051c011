/// A vector of length one, the same for the same text. Its numbers are whole millionths, so that both encodings agree.
struct EmbeddingVector {
    private let millionths: [Int]

    init(_ text: ArraySlice<UInt8>, dimensions: Int) {
        var generator = SplitMix64(state: SandboxText.hash(text))
        var raw: [Double] = []
        raw.reserveCapacity(dimensions)
        var squares = 0.0
        for _ in 0..<dimensions {
            let number = Double(Int64(bitPattern: generator.next()) >> 32)
            raw.append(number)
            squares += number * number
        }
        let scale = squares > 0 ? 1_000_000 / squares.squareRoot() : 0
        millionths = raw.map { Int(($0 * scale).rounded()) }
    }

    func appendNumbers(to json: inout JSONOutput) {
        json.raw("[")
        for (index, number) in millionths.enumerated() {
            if index > 0 { json.raw(",") }
            json.millionths(number)
        }
        json.raw("]")
    }

    /// Appends little-endian floats of 32 bits in Base64, as OpenAI's clients read them.
    func appendBase64(to json: inout JSONOutput) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(millionths.count * 4)
        for number in millionths { bytes.appendLittleEndian((Float(number) / 1_000_000).bitPattern) }
        json.base64(bytes)
    }
}

/// The generator SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
