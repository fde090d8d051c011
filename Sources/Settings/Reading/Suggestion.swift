/// What may have been meant by a word that is not known.
enum Suggestion {
    /// The word of `words` that is nearest to `word`, where one is near enough to have been meant: a typing mistake or
    /// two, or another case.
    static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let written = Array(word.lowercased().unicodeScalars)
        // Longer words have room for more mistakes; of four letters one may be wrong.
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

    /// How many characters have to be put in, left out, changed or exchanged with their neighbour to get from one word
    /// to the other (the optimal string alignment distance).
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
