import ArgumentParser
import Foundation
import Settings

/// `--config FILE` and `--data DIR` of every command.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion:
                "Without it: $PROPYLON_CONFIG, ./config/propylon.yaml, /etc/propylon/propylon.yaml, the defaults.",
            valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(
        help: ArgumentHelp("The data folder, instead of that of the configuration.", valueName: "folder"),
        completion: .directory)
    var data: String?

    func validate() throws {
        if data?.isEmpty == true { throw ValidationError("--data takes the name of a folder") }
    }

    /// Reads and checks the configuration. Warnings go to standard error.
    /// - Throws: `Failure` with `ExitStatus.badConfiguration` and all errors.
    func load(for use: ConfigurationUse = .everything) throws -> Configuration {
        let file = try read(for: use)
        for warning in file.warnings { complain("\(warning)") }
        return file.configuration
    }

    /// Reads and checks the configuration.
    /// - Throws: `Failure` with `ExitStatus.badConfiguration` and all errors.
    func read(for use: ConfigurationUse = .everything) throws -> ConfigurationFile {
        guard let data else { return try readFile(for: use) }
        var file = try readFile(for: use.without("data"))
        file.configuration.data = data
        return file
    }

    private func readFile(for use: ConfigurationUse) throws -> ConfigurationFile {
        let environment = ProcessInfo.processInfo.environment
        let hostName = ProcessInfo.processInfo.hostName
        do {
            guard let file = try Self.file(SearchPath(option: config, environment: environment)) else {
                let (configuration, places) = try Configuration.defaults(
                    environment: environment, hostName: hostName, for: use)
                return ConfigurationFile(configuration: configuration, warnings: [], places: places)
            }
            let (configuration, warnings, places) = try Configuration.load(
                text: file.text, file: file.path, environment: environment, hostName: hostName, for: use,
                readFile: Self.text)
            return ConfigurationFile(configuration: configuration, warnings: warnings, places: places)
        } catch let errors as ConfigurationErrors {
            throw Failure("\(errors)", status: .badConfiguration, isListing: true)
        } catch {
            throw Failure(error, status: .badConfiguration)
        }
    }

    private static func file(_ searchPath: SearchPath) throws -> (path: String, text: String)? {
        switch searchPath {
        case .file(let path):
            return (path, try text(of: path))
        case .firstOf(let paths):
            guard let path = paths.first(where: FileManager.default.fileExists) else { return nil }
            return (path, try text(of: path))
        }
    }

    private static func text(of path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            let reason = (error as? CocoaError).map(reason) ?? "\(error)"
            throw Failure("cannot read \(path): \(reason)", status: .badConfiguration)
        }
    }

    private static func reason(_ error: CocoaError) -> String {
        switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "this user may not read it"
        case .fileReadInapplicableStringEncoding: "it is not UTF-8"
        default: error.localizedDescription
        }
    }
}

/// A configuration that was read.
struct ConfigurationFile {
    var configuration: Configuration
    let warnings: [ConfigurationIssue]
    /// The places of its members, for checks of what they name.
    let places: MemberPlaces
}
