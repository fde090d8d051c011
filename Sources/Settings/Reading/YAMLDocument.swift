import Yams

/// A position in a file: line and column, from 1, the column in Unicode scalars.
struct Position: Hashable {
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
}

/// A parsed YAML file.
///
/// Yams stops at the first repeated member of a mapping. One run must report all errors of a file, so a repeated member
/// is renamed in a copy of the text and the copy parsed. Positions do not change; `renamed` keeps the true names.
struct YAMLDocument {
    /// The root; nil for an empty file.
    let root: Node?
    private let renamed: [Position: String]

    /// A text that is not YAML.
    struct SyntaxError: Error, Hashable {
        var position: Position
        let message: String
        /// True for an alias whose anchor does not precede it.
        var isUndefinedAlias = false
    }

    /// A file without members.
    static var empty: YAMLDocument { YAMLDocument(root: nil, renamed: [:]) }

    private init(root: Node?, renamed: [Position: String]) {
        self.root = root
        self.renamed = renamed
    }

    init(_ text: String) throws(SyntaxError) {
        var text = text
        var renamed: [Position: String] = [:]
        while true {
            do {
                root = try Self.compose(text)
                self.renamed = renamed
                return
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let position = Position(context.mark)
                let name = names.first ?? ""
                let duplicate = SyntaxError(
                    position: position, message: "\(name) is set twice in one section; remove one of the two")
                guard let mark = Unicode.Scalar(Self.firstMark + UInt32(renamed.count)), renamed[position] == nil,
                    let other = Self.text(text, replacingKeyAt: position, by: mark), Self.canBeParsed(other)
                else { throw duplicate }
                renamed[position] = name
                text = other
            } catch {
                throw SyntaxError(error, in: text)
            }
        }
    }

    /// The name of a member in the file. Returns nil for a name that is not a text.
    func name(of key: Node) -> String? {
        renamed[Position(key.mark)] ?? key.scalar?.string
    }

    /// The first of the private-use characters that replace the first character of a repeated name.
    private static let firstMark: UInt32 = 0xE000

    /// Parses `text` as UTF-8. Yams would look for the encoding in the environment, each time, and print what it found.
    private static func compose(_ text: String) throws -> Node? {
        try Yams.compose(yaml: text, .default, .default, .utf8)
    }

    /// Returns true for YAML, even with repeated members.
    private static func canBeParsed(_ text: String) -> Bool {
        do {
            _ = try compose(text)
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
        // A quoted name starts at its quotation mark.
        case "\"", "'": index += 1
        // Lists and mappings as names have no first character to replace.
        case "[", "{", "?": return nil
        default: break
        }
        guard index < scalars.count else { return nil }
        scalars[index] = mark
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars)
        return result
    }

    /// The index of `position` in `scalars`, with the line ends of YAML 1.1.
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
        // libYAML counts no column for a byte order mark.
        if position.line == 1, scalars.first == "\u{FEFF}" { index += 1 }
        return index + position.column - 1
    }
}
