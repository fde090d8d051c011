/// The positions of the members of a configuration that was read, so that later checks can point at them.
package struct MemberPlaces: Sendable {
    let file: String
    /// Positions of names, by path.
    let positions: [String: Position]
    /// Positions of values, by path.
    let valuePositions: [String: Position]

    /// True where the file has the member, or the element of a list, at `path`.
    package func has(_ path: String) -> Bool { valuePositions[path] != nil }

    /// An issue with the value at `path`, as `listen[1].tls.key` or `models.aliases.gpt-4o`.
    ///
    /// Of a member that the file does not have, as a default, the issue is at the nearest section that it has.
    ///
    /// - Parameter isOfName: true for an issue with the name of the member, where the file's author chose it.
    package func issue(
        _ severity: ConfigurationIssue.Severity, at path: String, isOfName: Bool = false, _ message: String,
        suggestion: String? = nil
    ) -> ConfigurationIssue {
        let position = Self.position(of: path, in: isOfName ? positions : valuePositions)
        return ConfigurationIssue(
            severity: severity, file: file, line: position.line, column: position.column, path: path, message: message,
            suggestion: suggestion)
    }

    private static func position(of path: String, in positions: [String: Position]) -> Position {
        var path = path[...]
        while true {
            if let position = positions[String(path)] { return position }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return .start }
            path = path[..<end]
        }
    }
}
