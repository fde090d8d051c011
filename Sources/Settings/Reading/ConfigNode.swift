import Yams

/// Everything that reading a file needs: its text as YAML, the variables, and the list of issues.
struct ReadingContext {
    let document: YAMLDocument
    let expansion: Expansion
    let diagnostics: Diagnostics
    var use = ConfigurationUse.everything
}

/// A value in the file, with its path and position.
struct ConfigNode {
    let node: Node
    /// The path, as `upstream.api_keys[0]`.
    let path: String
    let position: Position
    let context: ReadingContext

    /// Returns true for an empty value, `null` and `~`.
    var isNull: Bool { node.scalar?.isNull ?? false }

    var isList: Bool { node.sequence != nil }
    var isMapping: Bool { node.mapping != nil }

    /// Reports an error at this value.
    func report(_ message: String, suggestion: String? = nil) {
        context.diagnostics.report(ParseProblem(message, suggestion: suggestion), at: position, path: path)
    }

    /// The member's name `name` in `format`. Returns nil for a wrong one, which is reported.
    func name(_ name: String, _ format: ValueFormat<String>) -> String? {
        do throws(ParseProblem) {
            return try format.read(name)
        } catch {
            report(error.message)
            return nil
        }
    }

    /// The value of a scalar. Returns nil for a scalar that is empty after expansion, for one that the environment lacks and the
    /// command does not use, and for a wrong one, which is reported.
    func value<Value>(_ format: ValueFormat<Value>, optionalVariables: Set<String> = []) -> Value? {
        guard let scalar = node.scalar else {
            reportNoScalar(isSecret: format.isSecret)
            return nil
        }
        var isForeign = format.isSecret
        do throws(ParseProblem) {
            let text = try context.expansion.expand(scalar.string, optional: optionalVariables)
            isForeign = isForeign || text.isForeign
            return text.text.isEmpty ? nil : try format.read(text.text)
        } catch {
            if error.isOfEnvironment, !context.use.includes(path) {
                context.diagnostics.leaveOut(path)
                return nil
            }
            // A suggestion may repeat the value, so none is shown for a value from outside the file.
            let isShown = !format.isSecret && scalar.string.count <= 80 && !scalar.string.contains(where: \.isNewline)
            report(
                error.message + (isShown ? ", found \(scalar.string)" : ""),
                suggestion: isForeign ? nil : error.suggestion)
            return nil
        }
    }

    /// Reports a value that is no scalar. YAML reads a text with a colon and a space as a member: `[gpt-oss: 20b]`.
    private func reportNoScalar(isSecret: Bool) {
        guard case .mapping(let mapping) = node, mapping.count == 1, let (key, value) = mapping.first,
            let name = key.scalar?.string, let rest = value.scalar?.string, !isSecret,
            // Without braces the mapping begins with its key.
            Position(mapping.mark) == Position(key.mark)
        else { return report("must be a single value, and is \(kind)") }
        report(
            "must be a single value, and is a member with a value: YAML reads a colon with a space so; leave the space out, or "
                + "quote the text", suggestion: "\"\(name):\(rest)\"")
    }

    /// The members of a mapping. Returns nil for anything else, which is reported.
    var section: ConfigSection? {
        guard case .mapping(let mapping) = node else {
            report("must have members, and is \(kind)")
            return nil
        }
        return ConfigSection(mapping, path: path, position: position, context: context)
    }

    /// The elements of a list. A value that is no list is its own single element.
    var elements: [ConfigNode] {
        guard case .sequence(let sequence) = node else { return [self] }
        return sequence.enumerated().map { index, node in
            let path = "\(path)[\(index)]"
            let position = Position(node.mark)
            context.diagnostics.note(path, at: position, valueAt: position)
            return ConfigNode(node: node, path: path, position: position, context: context)
        }
    }

    private var kind: String {
        switch node {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
