import SeededRandom

extension SeededGenerator {
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
