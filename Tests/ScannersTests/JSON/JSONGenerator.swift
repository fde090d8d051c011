import SeededRandom

/// Random documents in every spelling that the grammar allows.
struct JSONGenerator {
    var random: SeededGenerator
    var bytes: [UInt8] = []
    /// Lone surrogates and members that stand twice, which not every parser takes.
    var isWild = true

    static let names = ["a", "b", "model", "usage", "", "é", "a.b", "\u{1F600}", "mode", "stream"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func document() -> [UInt8] {
        bytes = []
        space()
        value(depth: 0)
        space()
        return bytes
    }

    private mutating func put(_ text: String) {
        bytes += Array(text.utf8)
    }

    private mutating func space() {
        while random.once(in: 4) { put(random.pick([" ", "\n", "\t", "\r", "  "])) }
    }

    private mutating func value(depth: Int) {
        let isLeaf = depth >= 5 || depth > 0 && random.once(in: 3)
        switch isLeaf ? random.number(2...6) : random.number(0...1) + random.number(0...1) {
        case 0, 1: object(depth: depth)
        case 2 where !isLeaf: array(depth: depth)
        case 2, 3: string(text())
        case 4: number()
        default: put(random.pick(["true", "false", "null"]))
        }
    }

    private mutating func object(depth: Int) {
        put("{")
        space()
        var used: Set<String> = []
        var isFirst = true
        for _ in 0..<random.number(0...4) {
            let name = random.pick(Self.names)
            guard used.insert(name).inserted || isWild && random.once(in: 3) else { continue }
            if !isFirst { put(",") }
            isFirst = false
            space()
            string(name)
            space()
            put(":")
            space()
            value(depth: depth + 1)
            space()
        }
        put("}")
    }

    private mutating func array(depth: Int) {
        put("[")
        space()
        for index in 0..<random.number(0...4) {
            if index > 0 { put(",") }
            space()
            value(depth: depth + 1)
            space()
        }
        put("]")
    }

    private mutating func number() {
        if random.once(in: 3) { put("-") }
        put(random.once(in: 4) ? "0" : "\(random.number(1...9))" + digits(0...4))
        if random.once(in: 4) { put("." + digits(1...4)) }
        if random.once(in: 4) { put(random.pick(["e", "E"]) + random.pick(["", "+", "-"]) + digits(1...2)) }
    }

    private mutating func digits(_ range: ClosedRange<Int>) -> String {
        (0..<random.number(range)).map { _ in "\(random.number(0...9))" }.joined()
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "\"", "\\", "/", "\n", "\u{7F}", "é", "ß", "关", "\u{FFFF}", "\u{1F600}", "\u{10FFFF}", "plain",
        ]
        let count = random.once(in: 10) ? random.number(10...60) : random.number(0...6)
        return (0..<count).map { _ in random.pick(pieces) }.joined()
    }

    /// `text` with some characters escaped, in any of the ways, though they need not be.
    private mutating func string(_ text: String) {
        put("\"")
        for scalar in text.unicodeScalars {
            let short = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "/": "\\/"][scalar]
            if let short, scalar != "/" || random.once(in: 2), random.once(in: 2) {
                put(short)
            } else if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || random.once(in: 6) {
                for unit in String(scalar).utf16 { codeUnit(unit) }
            } else {
                put(String(scalar))
            }
            if isWild, random.once(in: 20) { codeUnit(UInt16(random.number(0xD7F0...0xE010))) }
        }
        put("\"")
    }

    private mutating func codeUnit(_ unit: UInt16) {
        let digits = String(unit, radix: 16, uppercase: random.once(in: 2))
        put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }
}
