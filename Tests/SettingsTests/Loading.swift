@testable import Settings

struct MissingFile: Error {}

/// Loads `text` as the file `test.yaml`, and gives the configuration and its warnings.
func load(
    _ text: String, environment: [String: String] = [:], files: [String: String] = [:], hostName: String = "here"
) throws(ConfigurationErrors) -> (Configuration, warnings: [ConfigurationIssue]) {
    let (configuration, warnings, _) = try Configuration.load(
        text: text, file: "test.yaml", environment: environment, hostName: hostName
    ) { path in
        guard let content = files[path] else { throw MissingFile() }
        return content
    }
    return (configuration, warnings)
}

/// The issues with which `text` is refused; none where it is not.
func issues(
    _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
) -> [ConfigurationIssue] {
    do throws(ConfigurationErrors) {
        _ = try load(text, environment: environment, files: files)
        return []
    } catch { return error.issues }
}

/// The errors with which `text` is refused, each as `line:column path`.
func places(_ text: String, environment: [String: String] = [:], files: [String: String] = [:]) -> [String] {
    issues(text, environment: environment, files: files).filter { $0.severity == .error }.map {
        "\($0.line):\($0.column) \($0.path)"
    }
}
