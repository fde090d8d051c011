import ArgumentParser
import Settings

/// `propylon config`
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check or show the configuration.", subcommands: [Check.self, Show.self])

    /// `propylon config check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report all errors of a configuration with line and column.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "The file to check. Default: the file that would be used.")
        var file: String?

        func run() throws {
            var option = option
            if let file { option.config = file }
            _ = try option.load()
            print("The configuration has no errors.")
        }
    }

    /// `propylon config show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the effective configuration, secrets masked.")

        @OptionGroup var option: ConfigurationOption

        func run() throws { print(try option.load().show(), terminator: "") }
    }
}
