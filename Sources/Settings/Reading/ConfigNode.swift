import Yams

/// Everything that reading a file needs: its text as YAML, the variables, and the list of issues.
struct ReadingContext {
    let document: YAMLDocument
    let expansion: Expansion
    let diagnostics: Diagnostics
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

    /// The value of a scalar. Returns nil for a scalar that is empty after expansion, and for a wrong one, which is
    /// reported.
    func value<Value>(_ format: ValueFormat<Value>, optionalVariables: Set<String> = []) -> Value? {
        guard let scalar = node.scalar else {
            report("must be a single value, and is \(kind)")
            return nil
        }
        var isForeign = format.isSecret
        do throws(ParseProblem) {
            let text = try context.expansion.expand(scalar.string, optional: optionalVariables)
            isForeign = isForeign || text.isForeign
            return text.text.isEmpty ? nil : try format.read(text.text)
        } catch {
            // A suggestion may repeat the value, so none is shown for a value from outside the file.
            let isShown = !format.isSecret && scalar.string.count <= 80 && !scalar.string.contains(where: \.isNewline)
            report(
                error.message + (isShown ? ", found \(scalar.string)" : ""),
                suggestion: isForeign ? nil : error.suggestion)
            return nil
        }
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
            ConfigNode(node: node, path: "\(path)[\(index)]", position: Position(node.mark), context: context)
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
