import Bytes

/// A path to the values that a `JSONScanner` records, for example `choices[].delta.content`.
///
/// ```swift
/// let model = JSONPath("model", duplicates: .refuse)
/// let prompt = JSONPath("messages[].content", .textLength)
/// ```
package struct JSONPath: Sendable {
    /// The facts that a match has in addition to its kind and its range.
    package enum Capture: Sendable {
        /// The decoded string, or the number's literal, up to the limit of the set.
        case value
        /// Also the length of all string values (but not keys) at or below the path, over all matches.
        case textLength
        /// Also the number of elements or members of the array or object, over all matches.
        case count
    }

    /// The handling of a member that an object has twice, with or without escapes in its name.
    ///
    /// RFC 8259, section 4, does not say which one counts, so two parsers can read two different documents.
    package enum Duplicates: Sendable {
        /// Throws `JSONError.Kind.duplicateMember`, for every member on the path: a second `a` makes `a.b` ambiguous, as a
        /// second `b` does. Throws `misspelledMember` for a name that differs from one of the path in case only; those are in lower case.
        case refuse
        /// Uses the last one, as most parsers do. A second member on the path removes the match.
        ///
        /// If `[]` precedes that member on the path, sums include both, and the last match of the document stays.
        case last
        /// Uses the first one of each object. Without `[]` on the path a match is final, even where a piece ends in it.
        case first
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
    ///   - path: the names of members from the top level down, separated by points. `[]` is every element of an array:
    ///     `"usage.total_tokens"`, `"choices[].delta.content"`, `"[].id"`. The empty path is the whole document. A name cannot
    ///     contain a point or a bracket. A malformed path is a mistake of the programmer and ends the process.
    ///   - capture: the facts to record.
    ///   - duplicates: the handling of a second member of the same name.
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
                precondition(path[index] == ASCII.point, "a point is missing after []")
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
