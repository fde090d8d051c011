/// The text of responses: always the same words, each of them one token. The first word depends on the request, so that a test
/// notices a response that reaches the wrong client.
enum SandboxText {
    private static let vocabulary =
        ("the gateway stands before a temple and counts every word that passes through its door in silence "
        + "une élève naïve écrit à l’hôtel où l’été brûle 東京 から 手紙 が 届く und grüßt schöne Bäume am Fluß "
        + "while small numbers like 42 and 1984 travel far beyond river stone light garden window paper morning "
        + "harbour silver bridge").split(separator: " ").map { Array($0.utf8) + [0x20] }

    /// Repetitions of `vocabulary` in `run`.
    private static let rounds = 16

    /// `vocabulary`, repeated: most texts are one slice of it.
    private static let run = Array((0..<rounds).flatMap { _ in vocabulary }.joined())

    /// The start of each word in `run`, and the end of the last word.
    private static let starts: [Int] = {
        var starts = [0]
        for _ in 0..<rounds { for word in vocabulary { starts.append(starts[starts.count - 1] + word.count) } }
        return starts
    }()

    private static let filler = Array(String(repeating: "0123456789abcdefghijklmnopqrstuvwxyz-", count: 128).utf8)

    /// Appends the words of `range`, each with a space, of a text that begins with word `offset`.
    static func appendWords(_ range: Range<Int>, offset: Int, to output: inout [UInt8]) {
        let first = vocabulary.count
        var word = (range.lowerBound + offset) % first
        var remaining = range.count
        while remaining > 0 {
            let count = min(remaining, starts.count - 1 - word)
            output += run[starts[word]..<starts[word + count]]
            remaining -= count
            word = 0
        }
    }

    /// Appends the bytes of `range` of an endless text in ASCII.
    static func appendFiller(_ range: Range<Int>, to output: inout [UInt8]) {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position % filler.count
            let count = min(filler.count - start, range.upperBound - position)
            output += filler[start..<start + count]
            position += count
        }
    }

    /// The words of `range` as a string.
    static func words(_ range: Range<Int>, offset: Int = 0) -> String {
        var bytes: [UInt8] = []
        appendWords(range, offset: offset, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Tokens of a text: one for every four bytes of UTF-8, rounded up.
    static func tokens(ofBytes bytes: Int) -> Int { (bytes + 3) / 4 }

    /// A hash (FNV-1a) of the bytes; of long ones, of the first and the last 512.
    static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ part: ArraySlice<UInt8>) {
            for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        mix(bytes.prefix(512))
        if bytes.count > 512 { mix(bytes.suffix(min(512, bytes.count - 512))) }
        return hash
    }
}
