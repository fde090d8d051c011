import Bytes

/// Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in the text of a scalar.
///
/// Works on parsed YAML, so that no replacement is read as YAML. `$${` writes `${` itself; any other `$` is an ordinary
/// character. Replacements are not expanded again.
struct Expansion {
    let environment: [String: String]
    let readFile: (String) throws -> String

    /// A text after its expansion.
    struct Expanded: Equatable {
        var text = ""
        /// Returns true for a text with content from outside the file, which no error may show.
        var isForeign = false
    }

    /// Expands `text`. Variables of `optional` count as empty where they are not set.
    /// - Throws: `ParseProblem` for a variable without value and default, an unreadable file, or an open `${`.
    func expand(_ text: String, optional: Set<String> = []) throws(ParseProblem) -> Expanded {
        var result = Expanded()
        var rest = text[...]
        while let dollar = rest.firstRange(of: "${") {
            let before = rest[..<dollar.lowerBound]
            rest = rest[dollar.upperBound...]
            if before.hasSuffix("$") {
                result.text += before.dropLast() + "${"
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw ParseProblem("${ has no closing }; write $${ for the two characters themselves")
            }
            result.text += before
            result.text += try value(of: rest[..<end], optional)
            result.isForeign = true
            rest = rest[rest.index(after: end)...]
        }
        result.text += rest
        return result
    }

    private func value(of reference: Substring, _ optional: Set<String>) throws(ParseProblem) -> String {
        if reference.hasPrefix("file:") { return try content(of: String(reference.dropFirst(5))) }
        let mark = reference.firstRange(of: ":-")
        let name = String(reference[..<(mark?.lowerBound ?? reference.endIndex)])
        guard Self.isName(name) else {
            throw ParseProblem("between ${ and } must be NAME, NAME:-default or file:/path; write $${ for ${ itself")
        }
        if let mark {
            let value = environment[name] ?? ""
            return value.isEmpty ? String(reference[mark.upperBound...]) : value
        }
        if let value = environment[name] { return value }
        guard optional.contains(name) else {
            throw ParseProblem(
                "the environment variable \(name) is not set; set it, or give a default as ${\(name):-default}",
                suggestion: Suggestion.nearest(to: name, among: environment.keys.sorted()), isOfEnvironment: true)
        }
        return ""
    }

    private func content(of path: String) throws(ParseProblem) -> String {
        guard !path.isEmpty else { throw ParseProblem("${file:…} needs a path") }
        do {
            var content = try readFile(path)[...]
            // Line ends at the end of a file are not part of a secret.
            while let last = content.last, last.isNewline { content = content.dropLast() }
            return String(content)
        } catch {
            throw ParseProblem("the file \(path) cannot be read: \(error)", isOfEnvironment: true)
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !ASCII.isDigit(first) else { return false }
        return text.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_") }
    }
}
