import Fuzzing

@testable import Settings

/// The configuration: every text is a configuration or a list of errors, with places in the text.
extension FuzzTarget {
    static let configuration = FuzzTarget("configuration") { data, count in
        examine(data, count) { bytes in
            let text = String(decoding: bytes.array, as: UTF8.self)
            do throws(ConfigurationErrors) {
                let environment = ["K": "sk-upstream-1", "T": "", "N": "9223372036854775807"]
                let (configuration, warnings, _) = try Configuration.load(
                    text: text, file: "f", environment: environment,
                    readFile: { $0 == "/f" ? "sk-upstream-2\n" : "" })
                check(warnings, text)
                guard let shown = try? configuration.show() else { return require(false, "a configuration is shown") }
                require(!shown.contains("sk-upstream"), "a secret is not shown")
            } catch {
                require(!error.issues.isEmpty, "a refusal has a reason")
                check(error.issues, text)
            }
        }
    }
}

private func check(_ issues: [ConfigurationIssue], _ text: String) {
    for issue in issues {
        require(issue.line >= 1 && issue.column >= 1, "an issue has a place")
        require(issue.line <= text.unicodeScalars.count + 1, "an issue is in the text")
        require(!issue.message.contains("sk-1"), "an issue shows no secret")
    }
}
