/// A pattern for names of models or endpoints. `*` matches any characters, also none; every other character matches itself.
/// `gpt-oss:*` matches `gpt-oss:20b` and `gpt-oss:120b`.
package struct NamePattern: Hashable, Sendable {
    /// The pattern as written.
    package let text: String
    private let bytes: [UInt8]

    /// The pattern `text`. Every text is a pattern.
    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Returns true where the whole of `name` matches. Compares bytes, in time proportional to the product of both lengths at most.
    package func matches(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { matches($0) }
    }

    /// True where it may match more than one name.
    package var isPattern: Bool { bytes.contains(Self.star) }

    /// True for `*`, which matches every name.
    var matchesEverything: Bool { text == "*" }

    private static let star = UInt8(ascii: "*")

    private func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var patternIndex = 0
        var nameIndex = 0
        // The place to continue from after a mismatch: the last star then takes one byte more.
        var afterStar: Int?
        var starEnd = 0
        while nameIndex < name.count {
            if patternIndex < bytes.count, bytes[patternIndex] == Self.star {
                patternIndex += 1
                afterStar = patternIndex
                starEnd = nameIndex
            } else if patternIndex < bytes.count, bytes[patternIndex] == name[nameIndex] {
                patternIndex += 1
                nameIndex += 1
            } else if let afterStar {
                starEnd += 1
                nameIndex = starEnd
                patternIndex = afterStar
            } else {
                return false
            }
        }
        return bytes[patternIndex...].allSatisfy { $0 == Self.star }
    }
}

extension [NamePattern]? {
    /// True for a list that leaves something out. A list with `*` does not, and is the same as none.
    var isRestriction: Bool { self.map { !$0.contains(where: \.matchesEverything) } ?? false }
}
