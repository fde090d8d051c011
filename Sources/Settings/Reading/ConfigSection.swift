import Yams

/// What is gathered while a configuration is read: everything that is wrong with it, and where each member stands.
final class Reading {
    let file: String
    let document: YAMLDocument
    let expansion: Expansion
    private(set) var issues: [ConfigurationIssue] = []
    /// Where the names of the members stand that are in the file, by path.
    private(set) var positions: [String: Position] = [:]
    /// Where their values begin.
    private(set) var valuePositions: [String: Position] = [:]
    /// The paths of all members that were asked for, with `*` for names that the file's author chooses.
    private(set) var knownMembers: Set<String> = []

    init(file: String, document: YAMLDocument, expansion: Expansion) {
        self.file = file
        self.document = document
        self.expansion = expansion
    }

    func report(
        _ problem: ParseProblem, as severity: ConfigurationIssue.Severity = .error, at position: Position, path: String
    ) {
        let issue = ConfigurationIssue(
            severity: severity, file: file, line: position.line, column: position.column, path: path,
            message: problem.message, suggestion: problem.suggestion)
        // A part of the file that stands for several places (a YAML alias) is wrong once.
        if !issues.contains(issue) { issues.append(issue) }
    }

    func note(_ path: String, at position: Position, valueAt valuePosition: Position) {
        positions[path] = position
        valuePositions[path] = valuePosition
    }

    func noteKnown(_ path: String) { knownMembers.insert(path) }

    /// The issues, in the order of the file.
    var issuesInOrder: [ConfigurationIssue] {
        issues.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset) < (
                right.element.line, right.element.column, right.offset
            )
        }.map(\.element)
    }
}

/// A value in the file: a node, what it is called, and where it stands.
struct Entry {
    let node: Node
    /// As `upstream.api_keys[0]`.
    let path: String
    /// `path`, with `*` for chosen names and numbers.
    let pattern: String
    let position: Position
    let reading: Reading

    /// Whether it is left empty, or is `null` or `~`.
    var isNull: Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    func report(_ message: String, suggestion: String? = nil) {
        reading.report(ParseProblem(message, suggestion: suggestion), at: position, path: path)
    }

    /// What a scalar is, in a form; nil where it is empty after its expansion, or wrong, which is reported.
    func value<Value>(_ form: ValueParser<Value>, optionalVariables: Set<String> = []) -> Value? {
        guard let scalar = node.scalar else {
            report("must be a single value, and is \(kind)")
            return nil
        }
        var isForeign = form.isSecret
        do throws(ParseProblem) {
            let text = try reading.expansion.expand(scalar.string, optional: optionalVariables)
            isForeign = isForeign || text.isForeign
            return text.text.isEmpty ? nil : try form.read(text.text)
        } catch {
            // A suggestion may be made of the value; what comes from elsewhere stays out of sight.
            let isShown = !form.isSecret && scalar.string.count <= 80 && !scalar.string.contains(where: \.isNewline)
            report(
                error.message + (isShown ? ", found \(scalar.string)" : ""),
                suggestion: isForeign ? nil : error.suggestion)
            return nil
        }
    }

    /// The members of a mapping; nil where it is none, which is reported.
    var section: ConfigSection? {
        guard case .mapping(let mapping) = node else {
            report("must have members, and is \(kind)")
            return nil
        }
        return ConfigSection(mapping, path: path, pattern: pattern, position: position, reading: reading)
    }

    /// The elements of a list, or the value itself where it is none: one is written without brackets.
    var elements: [Entry] {
        guard case .sequence(let sequence) = node else { return [self] }
        return sequence.enumerated().map { index, node in
            Entry(
                node: node, path: "\(path)[\(index)]", pattern: pattern, position: Position(node.mark), reading: reading
            )
        }
    }

    var isList: Bool { node.sequence != nil }
    var isMapping: Bool { node.mapping != nil }

    private var kind: String {
        switch node {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

/// A mapping in the file, of which one member after the other is asked for. What was never asked for is unknown, and
/// `finish` says so.
final class ConfigSection {
    let path: String
    let position: Position
    let reading: Reading
    private let pattern: String
    private var members: [(name: String, entry: Entry)] = []
    private var asked: [String] = []

    init(_ mapping: Node.Mapping?, path: String, pattern: String, position: Position, reading: Reading) {
        self.path = path
        self.pattern = pattern
        self.position = position
        self.reading = reading
        var first: [String: Position] = [:]
        for (key, value) in mapping ?? [:] {
            let keyPosition = Position(key.mark)
            guard let name = reading.document.name(of: key) else {
                reading.report(ParseProblem("the name of a member must be a text"), at: keyPosition, path: path)
                continue
            }
            if let before = first[name] {
                reading.report(
                    ParseProblem("stands here again, after line \(before.line); one of both must go"),
                    at: keyPosition, path: join(name))
            } else {
                first[name] = keyPosition
            }
            // An empty value has no place of its own.
            let isEmpty = value.scalar.map { $0.string.isEmpty && $0.style == .plain } ?? false
            let entry = Entry(
                node: value, path: join(name), pattern: pattern.isEmpty ? name : "\(pattern).\(name)",
                position: isEmpty ? keyPosition : Position(value.mark), reading: reading)
            reading.note(entry.path, at: keyPosition, valueAt: entry.position)
            members.removeAll { $0.name == name }
            members.append((name, entry))
        }
    }

    /// The path of the member `name`.
    func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Where the member `name` stands, or the section where it is not there.
    func position(of name: String) -> Position { reading.positions[join(name)] ?? position }

    /// The member `name`, or nil where it is not in the file.
    func entry(_ name: String) -> Entry? {
        asked.append(name)
        reading.noteKnown(pattern.isEmpty ? name : "\(pattern).\(name)")
        return members.first { $0.name == name }?.entry
    }

    /// Sets `target` to the member `name`, where it is there and right.
    func set<Value>(_ target: inout Value, _ name: String, _ form: ValueParser<Value>) {
        guard let entry = entry(name), !entry.isNull, let value = entry.value(form) else { return }
        target = value
    }

    /// Sets `target` to the member `name`, where it is there and right; one that is `null` or empty clears it.
    func setOrClear<Value>(_ target: inout Value?, _ name: String, _ form: ValueParser<Value>) {
        guard let entry = entry(name) else { return }
        target = entry.isNull ? nil : entry.value(form)
    }

    /// Sets `target` to the list `name`, where it is there; `null` clears it. What is wrong in it is left out.
    func setOrClear<Value>(_ target: inout [Value]?, listOf name: String, _ form: ValueParser<Value>) {
        guard let entry = entry(name) else { return }
        target = entry.isNull ? nil : entry.elements.compactMap { $0.value(form) }
    }

    /// The section `name`; an empty one where it is not there, so that its members get to be known.
    func section(_ name: String) -> ConfigSection {
        guard let entry = entry(name), !entry.isNull, let section = entry.section else {
            let pattern = pattern.isEmpty ? name : "\(pattern).\(name)"
            return ConfigSection(nil, path: join(name), pattern: pattern, position: position, reading: reading)
        }
        return section
    }

    /// The members of the section `name`, whose names the file's author chooses.
    func table(_ name: String) -> [(name: String, entry: Entry)] {
        guard let entry = entry(name), !entry.isNull, let section = entry.section else { return [] }
        return section.members.map { name, entry in
            (
                name,
                Entry(
                    node: entry.node, path: entry.path, pattern: "\(section.pattern).*", position: entry.position,
                    reading: reading)
            )
        }
    }

    /// Reports what nobody asked for. To be called when everything known has been asked for.
    func finish() {
        for (name, entry) in members where !asked.contains(name) {
            reading.report(
                ParseProblem("there is no such member", suggestion: Suggestion.nearest(to: name, among: asked)),
                at: reading.positions[entry.path] ?? entry.position, path: entry.path)
        }
    }
}
