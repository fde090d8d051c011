import Bytes

/// One member, or all elements of an array, that a `JSONScanner` shall look out for.
package struct JSONPath: Sendable {
    /// What is kept of a match beside its kind and its range.
    package enum Capture: Sendable {
        /// The decoded string, or the number's literal, up to the list's limit.
        case value
        /// In addition how much text stands in all string values (keys not) at or below the path, over all matches.
        case textLength
        /// In addition how many elements the array, or members the object, has, over all matches.
        case count
    }

    /// What happens where a member stands twice in the same object, be it spelled with escapes or not.
    ///
    /// RFC 8259, 4, leaves open which one counts, so that two parsers may read two different documents.
    package enum Duplicates: Sendable {
        /// `JSONError.Kind.duplicateMember`. This holds for every member on the path: a second `a` makes `a.b` as
        /// doubtful as a second `b` does.
        case refuse
        /// The last one counts, as most parsers have it: the match is dropped when a member on its path stands there
        /// again. Where `[]` precedes that member on the path, sums keep both and the last match in the text stays.
        case last
    }

    let components: [Component]
    let capture: Capture
    let duplicates: Duplicates

    /// One step of a path.
    enum Component: Hashable, Sendable {
        case member([UInt8])
        case element
    }

    /// - Parameters:
    ///   - path: The names of members from the top level down, parted by points; `[]` is any element of an array:
    ///     `"usage.total_tokens"`, `"choices[].delta.content"`, `"[].id"`. The empty path is the whole document.
    ///     Names with a point or a bracket cannot be watched. A path that is none is a programmer's error and traps.
    ///   - capture: What is kept.
    ///   - duplicates: What a second member of the same name means.
    package init(_ path: String, _ capture: Capture = .value, duplicates: Duplicates = .last) {
        components = Self.components(of: Array(path.utf8))
        self.capture = capture
        self.duplicates = duplicates
    }

    private static func components(of path: [UInt8]) -> [Component] {
        var components: [Component] = []
        var index = 0
        while index < path.count {
            if path[index] == ASCII.openingBracket {
                precondition(
                    index + 1 < path.count && path[index + 1] == ASCII.closingBracket, "a bracket opens but is not []")
                components.append(.element)
                index += 2
                continue
            }
            if !components.isEmpty {
                precondition(path[index] == ASCII.point, "a point is missing behind []")
                index += 1
            }
            let end = path[index...].firstIndex { $0 == ASCII.point || $0 == ASCII.openingBracket } ?? path.count
            precondition(end > index, "the path has an empty name")
            components.append(.member(Array(path[index..<end])))
            index = end
        }
        return components
    }
}
