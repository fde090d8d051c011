/// Errors and warnings of one configuration, and the positions of its members.
final class Diagnostics {
    /// The name of the file in every issue.
    let file: String
    private(set) var issues: [ConfigurationIssue] = []
    /// Positions of the names of all members in the file, by path.
    private(set) var positions: [String: Position] = [:]
    /// Positions of the values of all members and list elements in the file, by path.
    private(set) var valuePositions: [String: Position] = [:]

    /// All listeners, for the check that no two have the same address.
    private(set) var listeners: [(address: ListenAddress, path: String, position: Position)] = []

    private var leftOut: Set<String> = []

    init(file: String) { self.file = file }

    /// Records a listener.
    func add(listener: ListenAddress, path: String, at position: Position) {
        listeners.append((listener, path, position))
    }

    /// Adds an issue.
    func report(
        _ problem: ParseProblem, as severity: ConfigurationIssue.Severity = .error, at position: Position, path: String
    ) {
        let issue = ConfigurationIssue(
            severity: severity, file: file, line: position.line, column: position.column, path: path,
            message: problem.message, suggestion: problem.suggestion)
        // A node that YAML aliases repeat is read several times; report it once.
        if !issues.contains(issue) { issues.append(issue) }
    }

    /// Records the positions of the member at `path`.
    func note(_ path: String, at position: Position, valueAt valuePosition: Position) {
        positions[path] = position
        valuePositions[path] = valuePosition
    }

    /// Records a member that the environment lacks and the command does not use: its value is not known.
    func leaveOut(_ path: String) { leftOut.insert(path) }

    /// Returns true for a member that has a value in the file, which is not known.
    func isUnknown(_ path: String) -> Bool { hasError(at: path) || leftOut.contains(path) }

    /// Returns true for a member with an error.
    private func hasError(at path: String) -> Bool { issues.contains { $0.path == path && $0.severity == .error } }

    /// All issues in the order of the file.
    var issuesInOrder: [ConfigurationIssue] { issues.inOrderOfTheFile }

    /// The positions of the values, for checks of what the configuration names.
    var places: MemberPlaces { MemberPlaces(file: file, positions: positions, valuePositions: valuePositions) }
}
