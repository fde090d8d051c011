import Yams

/// A place in a file: line and column, counted from 1, the column in Unicode scalars.
struct Position: Hashable, Comparable {
    var line: Int
    var column: Int

    static let start = Position(line: 1, column: 1)

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A parsed YAML file.
///
/// Yams gives up at the first member that stands twice, yet all errors of a file are to be told at once. So such a
/// member is renamed in a copy of the text, in place, and the copy parsed: every position stays what it was, and
/// `renamed` knows the true name of what stands there.
struct YAMLDocument {
    /// The root; nil for an empty file.
    let root: Node?
    private let renamed: [Position: String]

    /// Why a text is no YAML.
    struct SyntaxError: Error, Hashable {
        let position: Position
        let message: String
    }

    init(_ text: String) throws(SyntaxError) {
        var text = text
        var renamed: [Position: String] = [:]
        while true {
            do {
                root = try Yams.compose(yaml: text)
                self.renamed = renamed
                return
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let position = Position(context.mark)
                let name = names.first ?? ""
                let duplicate = SyntaxError(position: position, message: "\(name) stands twice in the same place")
                guard let mark = Unicode.Scalar(Self.firstMark + UInt32(renamed.count)), renamed[position] == nil,
                    let other = Self.text(text, replacingKeyAt: position, by: mark), Self.canBeParsed(other)
                else { throw duplicate }
                renamed[position] = name
                text = other
            } catch {
                throw Self.syntaxError(error, text)
            }
        }
    }

    /// The name of a member as the file has it; nil where it is no text.
    func name(of key: Node) -> String? {
        renamed[Position(key.mark)] ?? key.scalar?.string
    }

    /// The first of the private characters that take the place of a name's first one.
    private static let firstMark: UInt32 = 0xE000

    /// Whether `text` is YAML, but for members that stand twice.
    private static func canBeParsed(_ text: String) -> Bool {
        do {
            _ = try Yams.compose(yaml: text)
            return true
        } catch YamlError.duplicatedKeysInMapping {
            return true
        } catch {
            return false
        }
    }

    private static func text(_ text: String, replacingKeyAt position: Position, by mark: Unicode.Scalar) -> String? {
        var scalars = Array(text.unicodeScalars)
        guard var index = index(of: position, in: scalars), index < scalars.count else { return nil }
        switch scalars[index] {
        // The mark of a quoted name is that of its quote.
        case "\"", "'": index += 1
        // A list or mapping as a name has none to change.
        case "[", "{", "?": return nil
        default: break
        }
        guard index < scalars.count else { return nil }
        scalars[index] = mark
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars)
        return result
    }

    /// Where `position` is in `scalars`, lines ending as YAML 1.1 has it.
    private static func index(of position: Position, in scalars: [Unicode.Scalar]) -> Int? {
        var index = 0
        var line = 1
        while line < position.line {
            guard index < scalars.count else { return nil }
            switch scalars[index] {
            case "\r":
                line += 1
                if index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
            case "\n", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            default: break
            }
            index += 1
        }
        // A byte order mark is no column to libYAML.
        if position.line == 1, scalars.first == "\u{FEFF}" { index += 1 }
        return index + position.column - 1
    }

    private static func syntaxError(_ error: any Error, _ text: String) -> SyntaxError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let message = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
            return SyntaxError(position: Position(mark), message: "this is no YAML: \(message)")
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.split(separator: "\n", omittingEmptySubsequences: false)
            let column = (line.last?.unicodeScalars.count ?? 0) + 1
            return SyntaxError(
                position: Position(line: max(1, line.count), column: column),
                message: "this is no YAML: \(problem)")
        default:
            return SyntaxError(position: .start, message: "this is no YAML")
        }
    }
}
