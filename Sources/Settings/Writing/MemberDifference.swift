import Yams

/// A member that has another value in one configuration than in another one.
package struct MemberDifference: Sendable, Equatable {
    /// The names on the way to the member, as `["tiers", "student", "weight"]`. A name of the file's author may have dots.
    package let names: [String]
    /// The value of before as YAML in one line, secrets masked; nil for a member, or an entry of a table, that is new.
    package let old: String?
    /// The value of now, likewise; nil for one that is gone.
    package let new: String?

    /// The path of the member, as `tiers.student.weight`.
    package var path: String { names.joined(separator: ".") }

    /// True where a running gateway keeps the old value until its next start.
    package var needsRestart: Bool { Configuration.restartMembers.contains(path) }
}

extension Configuration {
    /// The members that differ from those that `text`, the output of `show`, has. Secrets are masked there, so none differ.
    /// - Throws: The error of Yams for a text that is no YAML.
    package func differences(fromShown text: String) throws -> [MemberDifference] {
        var differences: [MemberDifference] = []
        Self.compare(try Yams.compose(yaml: text), try Yams.compose(yaml: show()), [], &differences)
        return differences
    }

    private static func compare(
        _ old: Node?, _ new: Node?, _ names: [String], _ differences: inout [MemberDifference]
    ) {
        if let before = old?.mapping, let now = new?.mapping {
            let gone = before.keys.filter { now[$0] == nil }
            for key in Array(now.keys) + gone {
                compare(before[key], now[key], names + [key.scalar?.string ?? ""], &differences)
            }
        } else if old != new {
            differences.append(MemberDifference(names: names, old: old?.inOneLine, new: new?.inOneLine))
        }
    }
}
