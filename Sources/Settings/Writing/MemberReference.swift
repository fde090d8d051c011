import Yams

/// The documentation of one member.
struct MemberReference {
    /// The name in the file.
    let name: String
    /// The form of the value, as `size, 1KiB to 16MiB`.
    let form: String
    /// The default as Markdown: a value of the file as code, or words. Empty for sections.
    let `default`: String
    /// The meaning in one or two sentences.
    let meaning: String
    /// The moment at which a change takes effect.
    var effect = MemberEffect.reload
    /// Lines of YAML that show the member in use, from the top level on.
    var example: String?
    /// Placeholder of the names that the file's author chooses, as `TIER`; nil for members with fixed names.
    var chosenName: String?
    /// Members of a section, or of each entry of a table.
    var members: [MemberReference] = []

    /// The default `node` as code.
    static func code(_ node: Node) -> String { "`\(node.inOneLine)`" }
}
