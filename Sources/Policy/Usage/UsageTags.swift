import Bytes

/// The tags of a request: what `x-propylon-tags` says, a list separated by commas.
package enum UsageTags {
    /// How many tags a request can have.
    package static let limit = 8
    /// How many bytes of UTF-8 a request's tags can have together, with a comma between two of them.
    package static let byteLimit = 128

    /// The tags that `text` names, each once, in the order of their characters.
    ///
    /// Spaces around a tag are left out, and so are characters that would spoil a line or turn a report around (controls, line
    /// separators, bidirectional overrides). What is beyond `limit` or `byteLimit` is left out too, in the text's order.
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

    private static func tag(_ text: Substring.UnicodeScalarView) -> String {
        var kept = text.filter { $0.isPrintable }[...]
        while kept.first == " " { kept.removeFirst() }
        while kept.last == " " { kept.removeLast() }
        return String(String.UnicodeScalarView(kept))
    }

}
