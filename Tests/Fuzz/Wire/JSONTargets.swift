import Bytes
import Fuzzing
import OpenAIAPI
import Scanners

/// JSON: any split is read as the whole, and the scanner accepts what the grammar of RFC 8259 accepts.
extension FuzzTarget {
    static let json = FuzzTarget("json") { data, count in
        examine(data, count) { bytes in
            var whole = JSONScanner(JSONOutcome.paths, depthLimit: JSONOutcome.depth)
            let first = JSONOutcome(&whole, [bytes.indices], bytes)
            var split = JSONScanner(JSONOutcome.paths, depthLimit: JSONOutcome.depth)
            let second = JSONOutcome(&split, Splits(bytes), bytes)
            require(first == second, "a split document is read as the whole")
            if let accepted = first.isValid, let isValid = JSONGrammar.accepts(bytes, depth: JSONOutcome.depth) {
                require(isValid == accepted, "a document is accepted where the grammar accepts it")
            }
        }
    }

    static let textPatterns = FuzzTarget("text-patterns") { data, count in
        examine(data, count) { bytes in
            guard let end = bytes.firstIndex(of: 0x0A) else { return }
            let (one, other) = (bytes.extracting(0..<end), bytes.extracting(end + 1..<bytes.count))
            var scanner = JSONScanner(JSONOutcome.textPath)
            guard JSONOutcome.scans(one, &scanner), let match = scanner.found(0), match.kind == .string else { return }
            var pattern = JSONTextPattern()
            guard pattern.remember(one, text: match.range.lowerBound + 1..<match.range.upperBound - 1),
                let text = pattern.text(in: other)
            else { return }
            scanner.reset()
            require(JSONOutcome.scans(other, &scanner), "a document with a valid pattern is valid")
            let length = scanner.textLength(0)
            require(length == (text.scalars, text.utf8Bytes), "a pattern measures the text as the scanner does")
        }
    }
}

/// What a scanner made of a document.
private struct JSONOutcome: Equatable {
    static let depth = 12
    static let paths = JSONPathSet(
        [
            JSONPath("model", duplicates: .refuse), JSONPath("a"), JSONPath("a.b"), JSONPath("a[]", .count),
            JSONPath("t", .textLength), JSONPath("a[].t", .textLength), JSONPath("n"), JSONPath(""),
        ], captureLimit: 16)
    static let textPath = JSONPathSet([JSONPath("t", .textLength)])

    var failure: JSONError?
    var matches: [JSONMatch?] = []
    var lengths: [Int] = []
    var contentStart: Int?
    var isEmpty: Bool

    /// Returns whether the document follows the grammar; nil where the scanner stopped for another reason.
    var isValid: Bool? {
        switch failure?.kind {
        case nil: true
        case .duplicateMember, .misspelledMember: nil
        default: false
        }
    }

    init(_ scanner: inout JSONScanner, _ pieces: some Sequence<Range<Int>>, _ bytes: Span<UInt8>) {
        do throws(JSONError) {
            for piece in pieces { try scanner.scan(bytes.extracting(piece)) }
            try scanner.finish()
        } catch {
            failure = error
        }
        if failure == nil {
            for index in 0..<Self.paths.count {
                matches.append(scanner.found(index))
                let length = scanner.textLength(index)
                lengths += [length.scalars, length.utf8Bytes]
                if let match = matches[index] { Self.check(match, bytes) }
            }
        }
        contentStart = scanner.contentStart
        isEmpty = scanner.topLevelIsEmpty
    }

    static func scans(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) -> Bool {
        do throws(JSONError) {
            try scanner.scan(bytes)
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }

    /// Checks that the bytes at the match's range are a document of their own, and those left by its removal too.
    private static func check(_ match: JSONMatch, _ bytes: Span<UInt8>) {
        require(match.range.upperBound <= bytes.count, "a match is in the document")
        require(JSONGrammar.accepts(bytes.extracting(match.range), depth: depth) != false, "a match is a document")
        guard let removal = match.removal else { return }
        let rest =
            bytes.extracting(0..<removal.lowerBound).array + bytes.extracting(removal.upperBound..<bytes.count).array
        require(JSONGrammar.accepts(rest.span, depth: depth) != false, "a document without a member is a document")
        if match.kind == .number, let value = match.integer, match.text?.utf8.allSatisfy(ASCII.isDigit) == true {
            require(match.text.flatMap { Int64($0) } == value, "an integer has its value")
        }
    }
}
