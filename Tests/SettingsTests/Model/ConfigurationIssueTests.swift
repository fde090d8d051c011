import Settings
import Testing

@Suite struct ConfigurationIssueTests {
    private func issue(
        _ severity: ConfigurationIssue.Severity = .error, path: String = "", suggestion: String? = nil
    ) -> ConfigurationIssue {
        ConfigurationIssue(
            severity: severity, file: "a.yaml", line: 12, column: 5, path: path, message: "is wrong",
            suggestion: suggestion)
    }

    @Test func oneLineAsCompilersWriteIt() {
        #expect(issue().description == "a.yaml:12:5: error: is wrong")
        #expect(
            issue(.warning, path: "limits.x", suggestion: "y").description
                == "a.yaml:12:5: warning: limits.x: is wrong; did you mean y?")
    }

    @Test func errorsAreALineEach() {
        let errors = ConfigurationErrors(issues: [issue(), issue(path: "b")])
        #expect(errors.description == "a.yaml:12:5: error: is wrong\na.yaml:12:5: error: b: is wrong")
        #expect("\(errors as any Error)" == errors.description)
    }
}
