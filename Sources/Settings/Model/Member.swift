import Yams

/// A member of the configuration, declared once: it reads, checks, shows and documents its value.
///
///     Member(\.connections, "connections", .integer(1...1_000_000), "Client connections open at one time.")
///
/// The default is the value in a new `Owner`. A change takes effect with a reload, unless the declaration says `.restart`.
struct Member<Owner> {
    /// The name in the file.
    let name: String
    /// Reads the member of a section into an owner. A wrong value is reported and leaves the default.
    let read: (ConfigSection, inout Owner) -> Void
    /// The value for `config show`.
    let write: (Owner) -> Node
    /// The documentation, with the default that an owner has.
    let reference: (Owner) -> MemberReference
    /// Merges the member of a new owner with the running one at a reload. The text is the path of the section.
    let merge: (_ running: Owner, _ new: inout Owner, _ section: String, _ changes: inout ConfigurationChanges) -> Void

    /// A member with its own way to read and write the value at `path`.
    init<Value: Equatable>(
        _ path: WritableKeyPath<Owner, Value>, _ name: String, takesEffect effect: MemberEffect = .reload,
        reference: @escaping (Owner) -> MemberReference, read: @escaping (ConfigSection, inout Owner) -> Void,
        write: @escaping (Owner) -> Node
    ) {
        self.name = name
        self.read = read
        self.write = write
        self.reference = { owner in
            var reference = reference(owner)
            reference.effect = effect
            return reference
        }
        merge = { running, new, section, changes in
            changes.merge(path, effect, named: section + name, running, into: &new)
        }
    }

    /// A member that always has a value.
    ///
    /// - Parameter expression: The text that is read, with its variables, where the file does not have the member.
    init<Value: Equatable>(
        _ path: WritableKeyPath<Owner, Value>, _ name: String, _ format: ValueFormat<Value>, _ meaning: String,
        takesEffect effect: MemberEffect = .reload, from expression: String? = nil, default description: String? = nil,
        example: String? = nil
    ) {
        self.init(
            path, name, takesEffect: effect,
            reference: { owner in
                MemberReference(
                    name: name, form: format.form,
                    default: description ?? expression.map { "`\($0)`" }
                        ?? MemberReference.code(format.node(owner[keyPath: path])),
                    meaning: meaning, example: example)
            },
            read: { section, owner in
                let node = expression.map { section.node(name, default: $0) } ?? section.nodeWithValue(name)
                if let value = node?.value(format) { owner[keyPath: path] = value }
            },
            write: { format.node($0[keyPath: path]) })
    }

    /// A member that `null` or an empty value removes.
    init<Value: Equatable>(
        optional path: WritableKeyPath<Owner, Value?>, _ name: String, _ format: ValueFormat<Value>, _ meaning: String,
        takesEffect effect: MemberEffect = .reload, example: String? = nil
    ) {
        self.init(
            path, name, takesEffect: effect,
            reference: { owner in
                MemberReference(
                    name: name, form: "\(format.form), or `null`",
                    default: MemberReference.code(format.node(owner[keyPath: path])), meaning: meaning,
                    example: example)
            },
            read: { section, owner in
                guard let node = section.node(name) else { return }
                owner[keyPath: path] = node.isNull ? nil : node.value(format)
            },
            write: { format.node($0[keyPath: path]) })
    }

    /// A list that `null` removes. Wrong elements are reported and left out.
    init<Value: Equatable>(
        optionalList path: WritableKeyPath<Owner, [Value]?>, _ name: String, _ format: ValueFormat<Value>,
        _ meaning: String, example: String? = nil
    ) {
        self.init(
            path, name,
            reference: { owner in
                MemberReference(
                    name: name, form: "list of: \(format.form); or `null`",
                    default: MemberReference.code(format.node(owner[keyPath: path])), meaning: meaning,
                    example: example)
            },
            read: { section, owner in
                guard let node = section.node(name) else { return }
                owner[keyPath: path] = node.isNull ? nil : node.elements.compactMap { $0.value(format) }
            },
            write: { format.node($0[keyPath: path]) })
    }

    /// A list that `null` empties. Wrong elements are reported and left out.
    ///
    /// - Parameter variable: An environment variable that is the only element where the file does not have the member.
    ///   It may be missing.
    init<Value: Equatable>(
        list path: WritableKeyPath<Owner, [Value]>, _ name: String, _ format: ValueFormat<Value>, _ meaning: String,
        variable: String? = nil, example: String? = nil
    ) {
        self.init(
            path, name,
            reference: { owner in
                MemberReference(
                    name: name, form: "list of: \(format.form)",
                    default: variable.map { "`[\"${\($0)}\"]`" }
                        ?? MemberReference.code(format.node(owner[keyPath: path])),
                    meaning: meaning, example: example)
            },
            read: { section, owner in
                let node: ConfigNode
                if let variable {
                    node = section.node(name, default: "${\(variable)}")
                } else {
                    guard let present = section.node(name) else { return }
                    node = present
                }
                owner[keyPath: path] =
                    node.isNull
                    ? []
                    : node.elements.compactMap { element in
                        element.isNull
                            ? nil : element.value(format, optionalVariables: variable.map { [$0] } ?? [])
                    }
            },
            write: { format.node($0[keyPath: path]) })
    }

    /// A section, whose members belong to a value of their own. Each member has its own effect.
    init<Section>(
        section path: WritableKeyPath<Owner, Section>, _ name: String, _ members: [Member<Section>],
        _ meaning: String, example: String? = nil
    ) {
        self.name = name
        reference = { owner in
            MemberReference(
                name: name, form: "section", default: "", meaning: meaning, example: example,
                members: members.map { $0.reference(owner[keyPath: path]) })
        }
        read = { section, owner in section.section(name).read(members, into: &owner[keyPath: path]) }
        write = { Node(members: members, of: $0[keyPath: path]) }
        merge = { running, new, section, changes in
            for member in members {
                member.merge(running[keyPath: path], &new[keyPath: path], section + name + ".", &changes)
            }
        }
    }
}
