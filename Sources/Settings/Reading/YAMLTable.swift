import Yams

/// A YAML file with a list of mappings whose values are texts, lists of texts and mappings of texts.
package struct YAMLTable {
    /// The value of a member.
    package enum Value: Equatable, Sendable {
        case null
        case text(String)
        case list([String])
        case table([String: String])
    }

    /// A mapping of the list.
    package struct Row: Equatable, Sendable {
        /// Its first line, from 1.
        package let line: Int
        package let members: [String: Value]
    }

    /// What is wrong with a file.
    package struct Problem: Error, Equatable {
        /// The line, from 1.
        package let line: Int
        package let message: String
    }

    package let rows: [Row]

    /// Reads the file `text`.
    package init(_ text: String) throws(Problem) {
        let document: YAMLDocument
        do throws(YAMLDocument.SyntaxError) { document = try YAMLDocument(text) } catch {
            throw Problem(line: error.position.line, message: error.message)
        }
        guard let root = document.root else {
            rows = []
            return
        }
        guard case .sequence(let sequence) = root else {
            throw Problem(
                line: Position(root.mark).line, message: "the file must be a list of mappings, as `- name: ada`")
        }
        var rows: [Row] = []
        for node in sequence { rows.append(try Self.row(node, document)) }
        self.rows = rows
    }

    private static func row(_ node: Node, _ document: YAMLDocument) throws(Problem) -> Row {
        let line = Position(node.mark).line
        guard case .mapping(let mapping) = node else {
            throw Problem(line: line, message: "an element of the list must have members, as `- name: ada`")
        }
        var members: [String: Value] = [:]
        for (key, node) in mapping {
            let line = Position(key.mark).line
            guard let name = document.name(of: key) else {
                throw Problem(line: line, message: "the name of a member must be a text")
            }
            guard let value = value(node, document) else {
                throw Problem(line: line, message: "\(name): must be a text, a list of texts or a mapping of texts")
            }
            guard members.updateValue(value, forKey: name) == nil else {
                throw Problem(line: line, message: "\(name) is set twice; remove one of the two")
            }
        }
        return Row(line: line, members: members)
    }

    private static func value(_ node: Node, _ document: YAMLDocument) -> Value? {
        switch node {
        case .scalar(let scalar): return scalar.isNull ? .null : .text(scalar.string)
        case .sequence(let sequence):
            let texts = sequence.compactMap(\.scalar?.string)
            return texts.count == sequence.count ? .list(texts) : nil
        case .mapping(let mapping):
            var texts: [String: String] = [:]
            for (key, node) in mapping {
                guard let name = document.name(of: key), let scalar = node.scalar, texts[name] == nil else {
                    return nil
                }
                texts[name] = scalar.isNull ? "none" : scalar.string
            }
            return .table(texts)
        case .alias: return nil
        }
    }
}

extension Node.Scalar {
    /// True for an empty value, `null` and `~`.
    var isNull: Bool {
        (style == .plain || style == .any) && ["", "~", "null", "Null", "NULL"].contains(string)
    }
}
