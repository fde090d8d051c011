import Bytes

/// The tags of a request from its `x-propylon-tags`: a list separated by commas.
package enum UsageTags {
    /// The most tags of a request.
    package static let limit = 8
    /// The most bytes of UTF-8 of all tags together, with a comma between two of them.
    package static let byteLimit = 128

    /// The tags in `text`, without duplicates and sorted.
    ///
    /// Spaces around a tag and unprintable characters (see `isPrintable`) are removed. Tags beyond `limit` or `byteLimit` are left
    /// out, in the order of the text.
    package static func cleaned(_ text: String) -> [String] {
        var tags: [String] = []
        var room = byteLimit + 1
        for part in text.unicodeScalars.split(separator: ",") where tags.count < limit {
            let tag = tag(part)
            guard !tag.isEmpty, !tags.contains(tag), tag.utf8.count < room else { continue }
            room -= tag.utf8.count + 1
            tags.append(tag)
        }
        return tags.sorted()
    }

    /// The stored text of `tags`; nil without any.
    package static func text(_ tags: [String]) -> String? { tags.isEmpty ? nil : tags.joined(separator: ",") }

    /// The tags in a stored text.
    package static func list(_ text: String?) -> [String] {
        text.map { $0.split(separator: ",").map(String.init) } ?? []
    }

    private static func tag(_ text: Substring.UnicodeScalarView) -> String {
        var kept = text.filter { $0.isPrintable }[...]
        while kept.first == " " { kept.removeFirst() }
        while kept.last == " " { kept.removeLast() }
        return String(String.UnicodeScalarView(kept))
    }
}
