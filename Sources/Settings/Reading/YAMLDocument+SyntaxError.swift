import Yams

/// The words of errors of syntax. libYAML says what its grammar expected; people want to know what to write.
extension YAMLDocument.SyntaxError {
    /// The error that Yams threw for `text`.
    init(_ error: any Error, in text: String) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.init(problem, at: Position(mark), within: context, of: text)
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.split(separator: "\n", omittingEmptySubsequences: false)
            let column = (line.last?.unicodeScalars.count ?? 0) + 1
            self.init(
                position: Position(line: max(1, line.count), column: column),
                message: "this is not YAML: \(problem)")
        default:
            self.init(position: .start, message: "this is not YAML")
        }
    }

    /// - Parameter context: the construct that libYAML was reading, as a list that is open, and its begin.
    private init(_ problem: String, at position: Position, within context: YamlError.Context?, of text: String) {
        isUndefinedAlias = problem == "found undefined alias"
        if problem.contains("tab character") || Self.isTab(at: position, of: text) {
            (self.position, message) = (position, "a tab stands where YAML needs spaces; indent with spaces")
        } else if let known = Self.remedies.first(where: { $0.problem == problem }) {
            self.position = known.isAtBegin ? context.map { Position($0.mark) } ?? position : position
            message = known.message
        } else {
            self.position = position
            message = "this is not YAML: " + [context?.text, problem].compactMap(\.self).joined(separator: ": ")
        }
    }

    /// The problems of libYAML that people make, with what to write instead. Those of something open are at its begin.
    private static let remedies: [(problem: String, isAtBegin: Bool, message: String)] = [
        (
            "mapping values are not allowed in this context", false,
            "a colon with a space after it begins a value, and this line has one already; quote a text that has them, as "
                + "\"gpt-oss: 20b\""
        ),
        ("did not find expected alphabetic or numeric character", true, aliasRule),
        ("found undefined alias", true, aliasRule),
        (
            "found character that cannot start any token", false,
            "no text without quotation marks begins with this character; quote the text"
        ),
        (
            "did not find expected ',' or ']'", true,
            "the list that begins here is not closed by ], or its elements are not separated by commas"
        ),
        (
            "did not find expected ',' or '}'", true,
            "the mapping that begins here is not closed by }, or its members are not separated by commas"
        ),
        ("did not find expected node content", false, "a value is missing here, or a bracket before it is not closed"),
        ("found unexpected end of stream", true, "the quotation mark that opens here is never closed"),
        ("found unexpected document indicator", true, "the quotation mark that opens here is never closed"),
        (
            "found unknown escape character", false,
            "there is no such escape; write \\\\ for a backslash, or use single quotes"
        ),
        (
            "could not find expected ':'", true,
            "this line is no member; write it as name: value, with a space after the colon"
        ),
        (
            "did not find expected key", false,
            "this line fits no section by its indentation; indent the members of a section alike"
        ),
        (
            "did not find expected '-' indicator", false,
            "this line is no element of the list before it; begin it with -, or indent it less"
        ),
        ("did not find expected <document start>", false, oneDocument),
        ("but found another document", false, oneDocument),
    ]

    private static let aliasRule =
        "an unquoted * or & at the begin of a text is an alias or an anchor of YAML; quote the text, as \"*\""
    private static let oneDocument = "a configuration is one document; remove the line that begins another one"

    private static func isTab(at position: Position, of text: String) -> Bool {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let line = lines.dropFirst(position.line - 1).first
        return line?.unicodeScalars.dropFirst(position.column - 1).first == "\t"
    }
}
