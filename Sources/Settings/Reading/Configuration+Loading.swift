import Policy

extension Configuration {
    /// Reads and checks the configuration `text`. Pure: files come by `readFile`, which `${file:…}` uses.
    ///
    /// - Parameters:
    ///   - text: YAML; an empty text is a configuration too.
    ///   - file: how errors name it.
    ///   - environment: the variables that `${NAME}` may take.
    ///   - hostName: the default of `machine_name`.
    /// - Throws: all errors at once, and the warnings between them.
    package static func load(
        text: String, file: String, environment: [String: String], hostName: String = "localhost",
        readFile: @escaping (String) throws -> String
    ) throws(ConfigurationErrors) -> (Configuration, warnings: [ConfigurationIssue]) {
        let expansion = Expansion(environment: environment, readFile: readFile)
        let (configuration, reading) = try read(text, file: file, expansion: expansion, hostName: hostName)
        return (configuration, reading.issuesInOrder)
    }

    /// The configuration without any file: the defaults, and what the environment says.
    /// - Throws: `ConfigurationErrors` where the environment says what cannot be, as an `LLMAAS_API_URL` that is none.
    package static func defaults(
        environment: [String: String], hostName: String = "localhost"
    ) throws(ConfigurationErrors) -> Configuration {
        let expansion = Expansion(environment: environment, readFile: { _ in "" })
        return try read("", file: "(no file)", expansion: expansion, hostName: hostName).0
    }

    /// Reads `text`, and gives what was gathered, too.
    static func read(
        _ text: String, file: String, expansion: Expansion, hostName: String
    ) throws(ConfigurationErrors) -> (Configuration, Reading) {
        let document: YAMLDocument
        do throws(YAMLDocument.SyntaxError) {
            document = try YAMLDocument(text)
        } catch {
            throw ConfigurationErrors(issues: [
                ConfigurationIssue(
                    severity: .error, file: file, line: error.position.line, column: error.position.column, path: "",
                    message: error.message, suggestion: nil)
            ])
        }
        let reading = Reading(file: file, document: document, expansion: expansion)
        let configuration = ConfigurationReader(reading).read(hostName: hostName)
        let issues = reading.issuesInOrder
        guard !issues.contains(where: { $0.severity == .error }) else { throw ConfigurationErrors(issues: issues) }
        return (configuration, reading)
    }
}
