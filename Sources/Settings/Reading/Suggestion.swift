/// Corrections of unknown words.
package enum Suggestion {
    /// The nearest of `words` to `word`. Returns nil where none is within a typing mistake or two.
    package static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let written = Array(word.lowercased().unicodeScalars)
        // One mistake for each three letters.
        let mostMistakes = max(1, min(3, written.count / 3))
        var best: (word: String, distance: Int)?
        for candidate in words {
            let known = Array(candidate.lowercased().unicodeScalars)
            guard abs(known.count - written.count) <= mostMistakes else { continue }
            let distance = distance(from: written, to: known)
            if distance <= mostMistakes, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// The optimal string alignment distance: the number of characters to insert, remove, replace or exchange with their
    /// neighbour.
    static func distance(from first: [Unicode.Scalar], to second: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let isSame = first[row] == second[column]
                var least = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
