/// Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in the text of a scalar.
///
/// It runs after the YAML was parsed, so that no value can be read as YAML. `$${` stands for `${` itself; any other `$`
/// is an ordinary character. What was put in is not looked at again.
struct Expansion {
    let environment: [String: String]
    let readFile: (String) throws -> String

    /// The text with everything replaced, and whether anything was.
    struct Expanded: Equatable {
        var text = ""
        /// Whether some of it came from outside the file, so that it must not be shown.
        var isForeign = false
    }

    /// Expands `text`. A variable of `optional` counts as empty where it is not set.
    /// - Throws: `ParseProblem` for an unknown variable without a default, an unreadable file, or a `${` without end.
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
            throw ParseProblem("between ${ and } stands NAME, NAME:-default or file:/path; write $${ for ${ itself")
        }
        if let mark {
            let value = environment[name] ?? ""
            return value.isEmpty ? String(reference[mark.upperBound...]) : value
        }
        if let value = environment[name] { return value }
        guard optional.contains(name) else {
            throw ParseProblem(
                "the environment variable \(name) is not set; set it, or give a default as ${\(name):-default}",
                suggestion: Suggestion.nearest(to: name, among: environment.keys.sorted()))
        }
        return ""
    }

    private func content(of path: String) throws(ParseProblem) -> String {
        guard !path.isEmpty else { throw ParseProblem("${file:…} needs a path") }
        do {
            var content = try readFile(path)[...]
            // Editors and `echo` end a file with a line end, which is no part of a secret.
            while let last = content.last, last.isNewline { content = content.dropLast() }
            return String(content)
        } catch {
            throw ParseProblem("the file \(path) cannot be read: \(error)")
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
