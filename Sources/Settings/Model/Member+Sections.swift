import Yams

extension Member {
    /// A section with `members` that may be absent: `null` removes it.
    ///
    /// - Parameter initial: the value of a section without members.
    init<Section: Equatable>(
        optionalSection path: WritableKeyPath<Owner, Section?>, _ name: String, _ members: [Member<Section>],
        _ initial: Section, _ meaning: String, example: String? = nil
    ) {
        self.init(
            path, name,
            reference: { _ in
                MemberReference(
                    name: name, form: "section, or `null`", default: "`null`", meaning: meaning, example: example,
                    members: members.map { $0.reference(initial) })
            },
            read: { section, owner in
                guard let node = section.node(name) else { return }
                guard !node.isNull, let section = node.section else { return owner[keyPath: path] = nil }
                var value = owner[keyPath: path] ?? initial
                section.read(members, into: &value)
                owner[keyPath: path] = value
            },
            write: { owner in owner[keyPath: path].map { Node(members: members, of: $0) } ?? Node("null") })
    }

    /// A list of sections, each of which has `members`. `null` empties it.
    ///
    /// - Parameter initial: the value of a section without members.
    init<Section: Equatable>(
        sections path: WritableKeyPath<Owner, [Section]>, _ name: String, _ members: [Member<Section>],
        _ initial: Section, _ meaning: String, example: String? = nil
    ) {
        self.init(
            path, name,
            reference: { _ in
                MemberReference(
                    name: name, form: "list of sections", default: "`[]`", meaning: meaning, example: example,
                    members: members.map { $0.reference(initial) })
            },
            read: { section, owner in
                guard let node = section.nodeWithValue(name) else { return }
                owner[keyPath: path] = node.elements.compactMap { element in
                    guard let section = element.section else { return nil }
                    var value = initial
                    section.read(members, into: &value)
                    return value
                }
            },
            write: { owner in
                let values = owner[keyPath: path]
                guard !values.isEmpty else { return .list([]) }
                return Node(values.map { Node(members: members, of: $0) }, .implicit, .block)
            })
    }
}
