import SeededRandom
import Testing

@testable import HTTP1

/// The inputs of other parsers' test suites. Where our verdict differs from theirs, the row has the reason.
@Suite struct PeerFixtureTests {
    /// A row of a fixture.
    private struct Row {
        var columns: [String]

        init?(_ line: String) {
            guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
            columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }

        var theirsIsAccepted: Bool { !columns[2].hasPrefix("refused") }
        var input: [UInt8]? { EscapedBytes.bytes(of: columns[3]) }
        var ours: String { columns[4] }
        var reason: String { columns[5] }

        /// True unless the verdict ends in a fault: a status and a code.
        var oursIsAccepted: Bool {
            let last = ours.split(separator: " / ").last.map { $0.split(separator: " ") } ?? []
            return last.count != 2 || Int(last[0]) == nil || !last[1].contains("_") || last[1].hasPrefix("[")
        }
    }

    private static let files = [
        ("llhttp-requests.tsv", 166), ("llhttp-responses.tsv", 85), ("hyper.tsv", 85),
    ]

    @Test(arguments: files)
    func verdicts(name: String, count: Int) throws {
        let file = FixtureFile("Tests/HTTP1Tests/Fixtures/\(name)")
        var lines = try file.lines()
        var rows = 0
        for (index, line) in lines.enumerated() {
            guard var row = Row(line) else { continue }
            rows += 1
            try #require(row.columns.count == 6, "line \(index + 1)")
            let input = try #require(row.input, "line \(index + 1)")
            let verdict = Self.verdict(on: [input], of: row, in: name)
            if FixtureFile.isWriting {
                row.columns[4] = verdict
                lines[index] = row.columns.joined(separator: "\t")
                continue
            }
            #expect(verdict == row.ours, "\(name), line \(index + 1)")
            let differs = row.oursIsAccepted != row.theirsIsAccepted
            #expect(differs == !row.reason.isEmpty, "\(name), line \(index + 1): \(row.ours)")
            // A fault may show only with the end of its line.
            let ended = input + [13, 10]
            let whole = Self.verdict(on: [ended], of: row, in: name)
            #expect(Self.verdict(on: ended.map { [$0] }, of: row, in: name) == whole, "\(name), line \(index + 1)")
        }
        #expect(rows == count)
        if FixtureFile.isWriting { try file.write(lines) }
    }

    private static func verdict(on pieces: [[UInt8]], of row: Row, in name: String) -> String {
        switch name == "hyper.tsv" ? row.columns[0] : name {
        case "request", "llhttp-requests.tsv": WireVerdict.onRequests(pieces)
        case "response to HEAD": WireVerdict.onResponses(pieces, answeringHEAD: true)
        default: WireVerdict.onResponses(pieces)
        }
    }
}
