import Testing

@testable import Settings

@Suite struct DiagnosticsTests {
    private let diagnostics = Diagnostics(file: "a.yaml")

    @Test func issuesAreInTheOrderOfTheFile() {
        for (line, column) in [(3, 1), (1, 9), (1, 2), (2, 5)] {
            diagnostics.report(ParseProblem("m"), at: Position(line: line, column: column), path: "p")
        }
        #expect(diagnostics.issuesInOrder.map(\.line) == [1, 1, 2, 3])
        #expect(diagnostics.issuesInOrder.map(\.column) == [2, 9, 5, 1])
    }

    @Test func issuesOfOnePlaceStayInTheirOrder() {
        for message in ["c", "a", "b"] { diagnostics.report(ParseProblem(message), at: .start, path: "p") }
        #expect(diagnostics.issuesInOrder.map(\.message) == ["c", "a", "b"])
    }

    @Test func theSameIssueIsReportedOnce() {
        for _ in 0..<3 { diagnostics.report(ParseProblem("m", suggestion: "s"), at: .start, path: "p") }
        #expect(diagnostics.issues.count == 1)
    }

    @Test func anIssueHasAllItsParts() {
        diagnostics.report(
            ParseProblem("m", suggestion: "s"), as: .warning, at: Position(line: 4, column: 7), path: "a.b")
        #expect(diagnostics.issues.map(\.description) == ["a.yaml:4:7: warning: a.b: m; did you mean s?"])
    }

    @Test func warningsAreNoErrors() {
        diagnostics.report(ParseProblem("m"), as: .warning, at: .start, path: "p")
        #expect(!diagnostics.isUnknown("p"))
        diagnostics.report(ParseProblem("n"), at: .start, path: "p")
        #expect(diagnostics.isUnknown("p"))
        #expect(!diagnostics.isUnknown("q"))
    }

    @Test func whatIsLeftOutIsUnknown() {
        diagnostics.leaveOut("p")
        #expect(diagnostics.isUnknown("p"))
        #expect(!diagnostics.isUnknown("q"))
        #expect(diagnostics.issues.isEmpty)
    }

    @Test func positionsAreKept() {
        diagnostics.note("a", at: Position(line: 1, column: 2), valueAt: Position(line: 1, column: 5))
        #expect(diagnostics.positions["a"] == Position(line: 1, column: 2))
        #expect(diagnostics.valuePositions["a"] == Position(line: 1, column: 5))
        #expect(diagnostics.positions["b"] == nil)
    }
}
