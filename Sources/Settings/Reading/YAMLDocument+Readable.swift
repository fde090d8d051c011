/// Reading on after an error of syntax, so that one run reports the errors of all other parts of a file too.
extension YAMLDocument {
    /// The document of `text`, without the sections or their members that are not YAML, and the errors of these.
    static func readable(_ text: String) -> (document: YAMLDocument, errors: [SyntaxError]) {
        do throws(SyntaxError) { return (try YAMLDocument(text), []) } catch {
            var rest = ReadableText(text)
            return rest.document(after: error)
        }
    }
}

/// A text of which parts are blanked. Lines stay, so that positions hold.
private struct ReadableText {
    private var lines: [Substring]

    init(_ text: String) { lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    /// - Parameter first: the error of the text as a whole.
    mutating func document(after first: YAMLDocument.SyntaxError) -> (YAMLDocument, [YAMLDocument.SyntaxError]) {
        let sections = blocks(in: lines.indices, withElements: false)
        var errors: [YAMLDocument.SyntaxError] = []
        for section in sections { errors += removeErrors(of: section) }
        // What is YAML by itself may not be beside other sections: each round takes one of them out.
        for _ in 0...sections.count {
            do throws(YAMLDocument.SyntaxError) {
                return (try YAMLDocument(text(of: [lines.indices])), errors.isEmpty ? [first] : errors)
            } catch {
                guard !errors.contains(error) else { break }
                errors.append(error)
                guard let section = sections.first(where: { $0.contains(error.position.line - 1) }) else { break }
                for index in section { lines[index] = "" }
            }
        }
        return (.empty, errors.isEmpty ? [first] : errors)
    }

    /// Blanks the members of `section` that are not YAML, or else the whole section. Returns their errors.
    private mutating func removeErrors(of section: Range<Int>) -> [YAMLDocument.SyntaxError] {
        guard let whole = error(of: [section]) else { return [] }
        var errors: [YAMLDocument.SyntaxError] = []
        if Self.value(ofMember: lines[section.lowerBound])?.isEmpty == true {
            for member in blocks(in: section.dropFirst(), withElements: true) {
                guard let error = error(of: [section.prefix(1), member]) else { continue }
                errors.append(error)
                for index in member { lines[index] = "" }
            }
        }
        guard error(of: [section]) != nil else { return errors }
        for index in section { lines[index] = "" }
        return errors.isEmpty ? [whole] : errors
    }

    /// The error of these lines alone, in the last of them where something is open at their end. An alias is none, since its
    /// anchor may be elsewhere.
    private func error(of parts: [Range<Int>]) -> YAMLDocument.SyntaxError? {
        do throws(YAMLDocument.SyntaxError) {
            _ = try YAMLDocument(text(of: parts))
            return nil
        } catch {
            guard !error.isUndefinedAlias else { return nil }
            var error = error
            if let last = parts.joined().last(where: { Self.hasContent(lines[$0]) }), error.position.line > last + 1 {
                error.position = Position(line: last + 1, column: lines[last].unicodeScalars.count + 1)
            }
            return error
        }
    }

    /// The lines of `parts`, which ascend, in their places; all others are empty.
    private func text(of parts: [Range<Int>]) -> String {
        var text = ""
        var end = 0
        for part in parts {
            text += String(repeating: "\n", count: part.lowerBound - end)
            for index in part { text += lines[index] + "\n" }
            end = part.upperBound
        }
        return text
    }

    /// The members of the least indentation in `range`, each with the lines that belong to it.
    private func blocks(in range: Range<Int>, withElements: Bool) -> [Range<Int>] {
        let indentation = range.filter { Self.hasContent(lines[$0]) }.map { Self.indentation(of: lines[$0]) }.min()
        let starts = range.filter { index in
            let line = lines[index]
            guard Self.indentation(of: line) == indentation else { return false }
            return Self.value(ofMember: line) != nil || withElements && line.dropFirst(indentation ?? 0).first == "-"
        }
        return zip(starts, starts.dropFirst() + [range.upperBound]).map { $0..<$1 }
    }

    private static func indentation(of line: Substring) -> Int { line.prefix { $0 == " " }.count }

    private static func hasContent(_ line: Substring) -> Bool {
        line.first { $0 != " " }.map { $0 != "#" } ?? false
    }

    /// The text after `name:`, without a comment. Nil for a line that begins no member.
    private static func value(ofMember line: Substring) -> Substring? {
        let line = line.drop { $0 == " " }
        guard let first = line.first, !"#-[]{},&*!|>%@`?".contains(first) else { return nil }
        var rest = line
        if first == "\"" || first == "'" {
            guard let end = line.dropFirst().firstIndex(of: first) else { return nil }
            rest = line[line.index(after: end)...]
            guard rest.first == ":" else { return nil }
        }
        while let colon = rest.firstIndex(of: ":") {
            rest = rest[rest.index(after: colon)...]
            guard let next = rest.first else { return rest }
            guard next == " " else { continue }
            let value = rest.drop { $0 == " " }
            return value.first == "#" ? value.suffix(0) : value
        }
        return nil
    }
}
