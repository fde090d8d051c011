import SeededRandom

extension SeededGenerator {
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// True once in `count` times.
    mutating func once(in count: Int) -> Bool {
        number(1...count) == 1
    }

    mutating func pick<T>(_ choices: [T]) -> T {
        choices[number(0...choices.count - 1)]
    }

    /// Cuts `bytes` into pieces at random places.
    mutating func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        let largest = number(1...40)
        while start < bytes.count {
            let end = min(bytes.count, start + number(0...largest))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    /// Changes one to three bytes: replaced, inserted or removed, with bytes from `telling`.
    mutating func mutated(_ bytes: [UInt8], with telling: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<number(1...3) {
            let index = number(0...bytes.count)
            switch number(0...2) {
            case 0: bytes.insert(pick(telling), at: index)
            case 1 where index < bytes.count: bytes[index] = pick(telling)
            default: if index < bytes.count { bytes.remove(at: index) }
            }
        }
        return bytes
    }
}

/// Every way to cut `bytes` in two, and the bytes one by one.
func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}
