extension Configuration {
    /// The reference of all members as Markdown, as in `config/README.md`.
    package static func reference() -> String {
        let members = Configuration(machineName: "localhost").reference
        var text = "## Top level\n\n" + table(of: members)
        for member in members { text += chapter(of: member, at: member.name) }
        return text
    }

    /// The documentation of all members with their defaults.
    private var reference: [MemberReference] { Self.members.map { $0.reference(self) } }

    /// The paths of all members, with `*` for names that the file's author chooses, as `tiers.*.weight`.
    static var memberPaths: [String] { members { _ in true } }

    /// The paths of the members of which a change takes effect at the next start.
    static let restartMembers = Set(members { $0.effect == .restart })

    /// The paths of the members that are `wanted`.
    private static func members(_ wanted: (MemberReference) -> Bool) -> [String] {
        func paths(_ members: [MemberReference], _ prefix: String) -> [String] {
            members.flatMap { member -> [String] in
                let path = prefix + member.name
                let inner = member.chosenName == nil ? path : "\(path).*"
                let own = wanted(member) ? inner == path ? [path] : [path, inner] : []
                return own + paths(member.members, inner + ".")
            }
        }
        return paths(Configuration(machineName: "localhost").reference, "")
    }

    private static func chapter(of member: MemberReference, at path: String) -> String {
        let path = member.chosenName.map { "\(path).\($0)" } ?? path
        guard !member.members.isEmpty || member.example != nil else { return "" }
        var text = "\n## `\(path)`\n"
        // The table of the outer section has the meaning of a member without members.
        if !member.members.isEmpty { text += "\n\(member.meaning)\n\n" + table(of: member.members) }
        if let example = member.example { text += "\n```yaml\n\(example)\n```\n" }
        for inner in member.members { text += chapter(of: inner, at: "\(path).\(inner.name)") }
        return text
    }

    private static func table(of members: [MemberReference]) -> String {
        let rows = members.map { member in
            let restart = member.effect == .restart ? " A change takes effect at the next start." : ""
            return "| `\(member.name)` | \(member.form) | \(member.default) | \(member.meaning)\(restart) |\n"
        }
        return "| member | value | default | meaning |\n|---|---|---|---|\n" + rows.joined()
    }
}
