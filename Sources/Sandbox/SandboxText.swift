/// The text of answers: always the same words, of which each is one token. Where they begin depends on the request, so that
/// an answer that reaches the wrong caller can be told.
enum SandboxText {
    private static let vocabulary =
        ("the gateway stands before a temple and counts every word that passes through its door in silence "
        + "une élève naïve écrit à l’hôtel où l’été brûle 東京 から 手紙 が 届く und grüßt schöne Bäume am Fluß "
        + "while small numbers like 42 and 1984 travel far beyond river stone light garden window paper morning "
        + "harbour silver bridge").split(separator: " ").map { Array($0.utf8) + [0x20] }

    /// So many times the words follow each other in `run`.
    private static let rounds = 16

    /// `vocabulary` again and again, so that most answers are one slice of it.
    private static let run = Array((0..<rounds).flatMap { _ in vocabulary }.joined())

    /// Where each word of `run` begins, and where it ends.
    private static let starts: [Int] = {
        var starts = [0]
        for _ in 0..<rounds { for word in vocabulary { starts.append(starts[starts.count - 1] + word.count) } }
        return starts
    }()

    private static let filler = Array(String(repeating: "0123456789abcdefghijklmnopqrstuvwxyz-", count: 128).utf8)

    /// Appends the words of `range`, each with a space behind it, of a text that begins at word `offset`.
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

    /// So many words as a string.
    static func words(_ range: Range<Int>, offset: Int = 0) -> String {
        var bytes: [UInt8] = []
        appendWords(range, offset: offset, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How many tokens a text of so many bytes of UTF-8 has: one for every four bytes begun.
    static func tokens(ofBytes bytes: Int) -> Int { (bytes + 3) / 4 }

    /// A number that depends on all bytes (FNV-1a), of long ones on the first and the last 512.
    static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ part: ArraySlice<UInt8>) {
            for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        take(bytes.prefix(512))
        if bytes.count > 512 { take(bytes.suffix(min(512, bytes.count - 512))) }
        return hash
    }
}
