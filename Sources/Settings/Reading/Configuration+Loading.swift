import Policy

extension Configuration {
    /// Reads and checks the configuration `text`. Pure: `readFile` reads the files of `${file:…}`.
    ///
    /// - Parameters:
    ///   - text: YAML. An empty text is a configuration with all defaults.
    ///   - file: The name of the file in errors.
    ///   - environment: The variables of `${NAME}`.
    ///   - hostName: The default of `machine_name`.
    ///   - use: The members that are needed.
    /// - Returns: The configuration, its warnings in the order of the file, and the places of its members.
    /// - Throws: All errors and warnings, in the order of the file.
    package static func load(
        text: String, file: String, environment: [String: String], hostName: String = "localhost",
        for use: ConfigurationUse = .everything, readFile: @escaping (String) throws -> String
    ) throws(ConfigurationErrors) -> (Configuration, warnings: [ConfigurationIssue], places: MemberPlaces) {
        let expansion = Expansion(environment: environment, readFile: readFile)
        let (configuration, diagnostics) = try read(
            text, file: file, expansion: expansion, hostName: hostName, for: use)
        return (configuration, diagnostics.issuesInOrder, diagnostics.places)
    }

    /// The configuration without a file: the defaults and the environment.
    /// - Throws: `ConfigurationErrors` for a wrong variable, as an `LLMAAS_API_URL` that is no URL.
    package static func defaults(
        environment: [String: String], hostName: String = "localhost", for use: ConfigurationUse = .everything
    ) throws(ConfigurationErrors) -> (Configuration, places: MemberPlaces) {
        let expansion = Expansion(environment: environment, readFile: { _ in "" })
        let (configuration, diagnostics) = try read(
            "", file: "(no file)", expansion: expansion, hostName: hostName, for: use)
        return (configuration, diagnostics.places)
    }

    /// Reads `text` to its end: a wrong member keeps its default, so that one run reports every error.
    static func read(
        _ text: String, file: String, expansion: Expansion, hostName: String, for use: ConfigurationUse
    ) throws(ConfigurationErrors) -> (Configuration, Diagnostics) {
        let (document, errors) = YAMLDocument.readable(text)
        let context = ReadingContext(
            document: document, expansion: expansion, diagnostics: Diagnostics(file: file), use: use)
        for error in errors {
            context.diagnostics.report(ParseProblem(error.message), at: error.position, path: "")
        }
        var configuration = Configuration(machineName: hostName)
        root(context).read(Self.members, into: &configuration)
        // Members that could not be read would look wrong beside those that could.
        if errors.isEmpty { configuration.check(context.diagnostics) }
        let issues = context.diagnostics.issuesInOrder
        guard !issues.contains(where: { $0.severity == .error }) else { throw ConfigurationErrors(issues: issues) }
        return (configuration, context.diagnostics)
    }

    private static func root(_ context: ReadingContext) -> ConfigSection {
        if let root = context.document.root {
            let node = ConfigNode(node: root, path: "", position: Position(root.mark), context: context)
            if !node.isNull, let section = node.section { return section }
        }
        return ConfigSection(nil, path: "", position: .start, context: context)
    }
}
