/// SplitMix64: the same numbers in every run, so that a failing case can be found again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Changes one to three bytes: replaced, inserted or removed, with bytes that matter to HTTP.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        let telling = Array("\r\n\r\n\t :;,=\"\\0159afxAZ/?#*@[]%-\u{0}\u{1}\u{7F}é".utf8)
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            let index = Int.random(in: 0...bytes.count, using: &self)
            let byte = telling.randomElement(using: &self)!
            switch Int.random(in: 0..<3, using: &self) {
            case 0: bytes.insert(byte, at: index)
            case 1 where index < bytes.count: bytes[index] = byte
            default: if index < bytes.count { bytes.remove(at: index) }
            }
        }
        return bytes
    }

    /// Cuts `bytes` into pieces at random places.
    mutating func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        let largest = Int.random(in: 1...40, using: &self)
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...largest, using: &self))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}

/// Every way to cut `bytes` in two, and the bytes one by one.
func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}
