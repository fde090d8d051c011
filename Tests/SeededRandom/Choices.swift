/// Random choices that tests make.
extension SeededGenerator {
    /// A number of `range`.
    package mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// Returns true once in `count` times.
    package mutating func once(in count: Int) -> Bool { number(1...count) == 1 }

    /// One of `choices`, which are not empty.
    package mutating func pick<T>(_ choices: [T]) -> T { choices[number(0...choices.count - 1)] }

    /// Cuts `bytes` into pieces of up to `largest` bytes at random places.
    package mutating func pieces(_ bytes: [UInt8], upTo largest: [Int] = [1, 7, 40, 400]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        let largest = pick(largest)
        while start < bytes.count {
            let end = min(bytes.count, start + number(1...largest))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    /// Changes one to three bytes: replaced, inserted or removed, with bytes of `telling`.
    package mutating func mutated(_ bytes: [UInt8], with telling: [UInt8]) -> [UInt8] {
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
package func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}
