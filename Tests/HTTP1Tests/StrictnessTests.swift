import Foundation
import Testing

@testable import HTTP1

/// Executes `Sources/HTTP1/STRICTNESS.md`, row by row.
@Suite struct StrictnessTests {
    @Test func everyRow() throws {
        let file = FixtureFile("Sources/HTTP1/STRICTNESS.md")
        var lines = try file.lines()
        var form: Form?
        var rows = 0
        for (index, line) in lines.enumerated() {
            if let next = Form(line) { form = next }
            guard let form, let row = StrictnessRow(line) else { continue }
            rows += 1
            let input = try #require(EscapedBytes.bytes(of: form.text(with: row.input)), "line \(index + 1)")
            let verdict = form.verdict(on: [input])
            if FixtureFile.isWriting {
                lines[index] = row.line(with: verdict)
                continue
            }
            #expect(verdict == row.verdict, "line \(index + 1): \(row.input)")
            // A fault may show only with the end of its line.
            let ended = input + [13, 10]
            #expect(form.verdict(on: ended.map { [$0] }) == form.verdict(on: [ended]), "line \(index + 1)")
            #expect(!row.section.isEmpty && !row.reason.isEmpty, "line \(index + 1)")
        }
        #expect(rows >= 300)
        if FixtureFile.isWriting { try file.write(lines) }
    }

    /// The line above a table: the direction, and the text around the inputs.
    private struct Form {
        let direction: Substring
        let before: Substring
        let after: Substring

        init?(_ line: String) {
            guard line.hasPrefix("Direction: "), let end = line.range(of: ". Input: `"), line.hasSuffix("`") else {
                return nil
            }
            direction = line[..<end.lowerBound].dropFirst("Direction: ".count)
            let text = line[end.upperBound...].dropLast()
            guard let place = text.range(of: "{}") else { return nil }
            before = text[..<place.lowerBound]
            after = text[place.upperBound...]
        }

        func text(with input: String) -> String { before + input + after }

        func verdict(on pieces: [[UInt8]]) -> String {
            switch direction {
            case "request": WireVerdict.onRequests(pieces)
            case "response": WireVerdict.onResponses(pieces)
            default: WireVerdict.onResponses(pieces, answeringHEAD: true)
            }
        }
    }
}

/// A row of the table: four columns, the first two of them code.
private struct StrictnessRow {
    let input: String
    let verdict: String
    let section: String
    let reason: String
    private let start: Substring

    init?(_ line: String) {
        guard line.hasPrefix("| `") else { return nil }
        let columns = line.components(separatedBy: " | ")
        guard columns.count == 4 else { return nil }
        start = columns[0][...]
        input = Self.code(columns[0].dropFirst(2))
        verdict = Self.code(columns[1][...])
        section = columns[2]
        reason = String(columns[3].dropLast(2))
    }

    /// The text of a code span: a span that has a backtick stands between two of them, with a space.
    private static func code(_ span: Substring) -> String {
        String(span.hasPrefix("`` ") ? span.dropFirst(3).dropLast(3) : span.dropFirst().dropLast())
    }

    func line(with verdict: String) -> String {
        let span = verdict.contains("`") ? "`` \(verdict) ``" : "`\(verdict)`"
        return "\(start) | \(span) | \(section) | \(reason) |"
    }
}
