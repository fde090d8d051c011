/// An error in a configuration, or a warning about it.
package struct ConfigurationIssue: Error, Hashable, Sendable {
    /// The degree of an issue.
    package enum Severity: String, Sendable {
        /// The configuration cannot be used.
        case error
        /// The configuration can be used, but may not do what its author expects.
        case warning
    }

    /// Error or warning.
    package let severity: Severity
    /// The name of the file, as given to `Configuration.load`.
    package let file: String
    /// The line, from 1.
    package let line: Int
    /// The column in Unicode scalars, from 1.
    package let column: Int
    /// The member, as `tiers.student.weight` or `listen[1].address`; empty for the file as a whole.
    package let path: String
    /// The error and its remedy. Never contains a secret, or the content of a variable or file.
    package let message: String
    /// A correction, where one is near.
    package let suggestion: String?

    /// An issue with all its parts.
    package init(
        severity: Severity, file: String, line: Int, column: Int, path: String, message: String, suggestion: String?
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.suggestion = suggestion
    }
}

extension ConfigurationIssue: CustomStringConvertible {
    /// One line in the format of compilers: `propylon.yaml:12:5: error: tiers.student.weight: …`.
    package var description: String {
        let member = path.isEmpty ? "" : "\(path): "
        let question = suggestion.map { "; did you mean \($0)?" } ?? ""
        return "\(file):\(line):\(column): \(severity.rawValue): \(member)\(message)\(question)"
    }
}

extension [ConfigurationIssue] {
    /// The issues by line and column, those of one position as they came.
    package var inOrderOfTheFile: [ConfigurationIssue] {
        enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset) < (
                right.element.line, right.element.column, right.offset
            )
        }.map(\.element)
    }
}

/// All errors of a configuration, in the order of the file.
package struct ConfigurationErrors: Error, Sendable, CustomStringConvertible {
    /// At least one error, and the warnings.
    package let issues: [ConfigurationIssue]

    /// The issues of one configuration.
    package init(issues: [ConfigurationIssue]) { self.issues = issues }

    /// One issue a line.
    package var description: String { issues.map(\.description).joined(separator: "\n") }
}
