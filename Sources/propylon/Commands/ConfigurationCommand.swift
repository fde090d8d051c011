import ArgumentParser

/// `propylon config`
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check, show or compare the configuration.",
        subcommands: [Check.self, Show.self, Diff.self])

    /// `propylon config show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the effective configuration, secrets masked.")

        @OptionGroup var option: ConfigurationOption

        func run() throws { print(try option.load().show(), terminator: "") }
    }
}
