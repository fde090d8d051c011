import Yams

extension Node {
    /// The mapping of all `members` of `owner`.
    init<Owner>(members: [Member<Owner>], of owner: Owner) {
        self.init(members.map { (Node($0.name), $0.write(owner)) }, .implicit, .block)
    }

    /// The mapping of `entries` by names that the file's author chose, in the order of the names.
    init(table entries: some Swift.Sequence<(key: String, value: Node)>) {
        self.init(
            entries.sorted { $0.key < $1.key }.map { (Node.literal($0.key), $0.value) }, .implicit, .block)
    }

    /// A text that is read as itself: neither as a number, `true` or `null`, nor as a reference to a variable.
    static func text(_ text: String) -> Node { literal(text.replacing("${", with: "$${")) }

    /// A text as it is, quoted where YAML would read something else.
    static func literal(_ text: String) -> Node {
        let isText = Resolver.default.resolveTag(of: Node(text)) == .str
        return Node(text, .implicit, isText ? .any : .doubleQuoted)
    }

    /// A number, duration, size or word, which needs no quotes.
    static func plain(_ text: String) -> Node { Node(text, .implicit, .plain) }

    /// The value in one line, for people. Styles do not count, so that equal values are equal texts.
    var inOneLine: String {
        switch self {
        case .scalar(let scalar): scalar.string
        case .sequence(let sequence): "[\(sequence.map(\.inOneLine).joined(separator: ", "))]"
        case .mapping(let mapping) where mapping.isEmpty: "{}"
        case .mapping(let mapping):
            "{ \(mapping.map { "\($0.inOneLine): \($1.inOneLine)" }.joined(separator: ", ")) }"
        case .alias: ""
        }
    }

    static var null: Node { plain("null") }

    /// A list in one line.
    static func list(_ nodes: [Node]) -> Node { Node(nodes, .implicit, .flow) }
}

extension ValueFormat {
    /// The node of `value`.
    func node(_ value: Value) -> Node {
        let text = write(value)
        return isText ? .text(text) : .plain(text)
    }

    /// The node of `value`; `null` for none.
    func node(_ value: Value?) -> Node { value.map { node($0) as Node } ?? .null }

    /// The list of `values` in one line.
    func node(_ values: [Value]) -> Node { .list(values.map { node($0) as Node }) }

    /// The list of `values` in one line; `null` for none.
    func node(_ values: [Value]?) -> Node { values.map { node($0) as Node } ?? .null }
}
