/// Something about a configuration that its author has to know.
package struct ConfigurationIssue: Error, Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// The configuration cannot be used.
        case error
        /// It can be used, but may not do what its author thinks.
        case warning
    }

    /// How bad it is.
    package let severity: Severity
    /// The file, as it was named to `Configuration.load`.
    package let file: String
    /// The line, counted from 1.
    package let line: Int
    /// The column in Unicode scalars, counted from 1.
    package let column: Int
    /// The member, as `tiers.student.weight` or `listen[1].address`; empty for the file as a whole.
    package let path: String
    /// What is wrong, and what to do. Never holds what came from a variable, a file or a secret.
    package let message: String
    /// What may have been meant.
    package let suggestion: String?

    /// An issue; each part is explained at its property.
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
    /// One line, as compilers write it: `propylon.yaml:12:5: error: tiers.student.weight: …`.
    package var description: String {
        let member = path.isEmpty ? "" : "\(path): "
        let question = suggestion.map { "; did you mean \($0)?" } ?? ""
        return "\(file):\(line):\(column): \(severity.rawValue): \(member)\(message)\(question)"
    }
}

/// All that is wrong with a configuration, in the order of the file.
package struct ConfigurationErrors: Error, Sendable, CustomStringConvertible {
    /// The errors, one at least, and the warnings between them.
    package let issues: [ConfigurationIssue]

    /// The issues of one configuration.
    package init(issues: [ConfigurationIssue]) { self.issues = issues }

    /// One issue a line.
    package var description: String { issues.map(\.description).joined(separator: "\n") }
}
