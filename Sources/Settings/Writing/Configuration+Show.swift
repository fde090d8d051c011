import Yams

extension Configuration {
    /// The effective configuration as YAML: every member with its value, secrets masked.
    ///
    /// `load` reads a text without secrets as an equal configuration. It refuses masked secrets.
    package func show() throws -> String {
        try Yams.serialize(node: Node(members: Self.members, of: self), width: -1, allowUnicode: true)
    }
}
