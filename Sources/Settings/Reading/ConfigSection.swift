import Yams

/// A mapping in the file, read member by member. `finish` reports every member that was not read as unknown.
final class ConfigSection {
    let path: String
    let position: Position
    let context: ReadingContext
    private var members: [(name: String, node: ConfigNode)] = []
    private var knownNames: [String] = []

    init(_ mapping: Node.Mapping?, path: String, position: Position, context: ReadingContext) {
        self.path = path
        self.position = position
        self.context = context
        var first: [String: Position] = [:]
        for (key, value) in mapping ?? [:] {
            let keyPosition = Position(key.mark)
            guard let name = context.document.name(of: key) else {
                context.diagnostics.report(
                    ParseProblem("the name of a member must be a text"), at: keyPosition, path: path)
                continue
            }
            if let earlier = first[name] {
                context.diagnostics.report(
                    ParseProblem("is already set in line \(earlier.line); remove one of the two"),
                    at: keyPosition, path: join(name))
            } else {
                first[name] = keyPosition
            }
            // Empty values have no position of their own.
            let isEmpty = value.scalar.map { $0.string.isEmpty && $0.style == .plain } ?? false
            let node = ConfigNode(
                node: value, path: join(name), position: isEmpty ? keyPosition : Position(value.mark), context: context)
            context.diagnostics.note(node.path, at: keyPosition, valueAt: node.position)
            members.removeAll { $0.name == name }
            members.append((name, node))
        }
    }

    /// The path of the member `name`.
    func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// The position of the member `name`, or of the section where the file does not have it.
    func position(of name: String) -> Position { context.diagnostics.positions[join(name)] ?? position }

    /// The member `name`, which is known from now on. Returns nil where the file does not have it.
    func node(_ name: String) -> ConfigNode? {
        knownNames.append(name)
        return members.first { $0.name == name }?.node
    }

    /// The member `name`. Returns nil where the file does not have it or leaves it empty.
    func nodeWithValue(_ name: String) -> ConfigNode? { node(name).flatMap { $0.isNull ? nil : $0 } }

    /// The member `name`, read from `text` where the file does not have it.
    func node(_ name: String, default text: String) -> ConfigNode {
        nodeWithValue(name)
            ?? ConfigNode(node: Node(text), path: join(name), position: position(of: name), context: context)
    }

    /// The section `name`, which is empty where the file does not have it.
    func section(_ name: String) -> ConfigSection {
        nodeWithValue(name)?.section
            ?? ConfigSection(nil, path: join(name), position: position, context: context)
    }

    /// The members of the table `name`, whose names the file's author chooses.
    func table(_ name: String) -> [(name: String, node: ConfigNode)] { nodeWithValue(name)?.section?.members ?? [] }

    /// Reads all of `members` into `owner`.
    func read<Owner>(_ members: [Member<Owner>], into owner: inout Owner) {
        for member in members { member.read(self, &owner) }
        finish()
    }

    /// Reports all members that are not known.
    func finish() {
        for (name, node) in members where !knownNames.contains(name) {
            context.diagnostics.report(
                ParseProblem("there is no such member", suggestion: Suggestion.nearest(to: name, among: knownNames)),
                at: context.diagnostics.positions[node.path] ?? node.position, path: node.path)
        }
    }
}
