import ArgumentParser
import Clocks
import Policy
import Settings
import Store

/// `propylon config`
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check or show the configuration.", subcommands: [Check.self, Show.self])

    /// `propylon config check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report all errors of a configuration with line and column.",
            discussion: """
                Warns of tiers and teams that keys of the data folder have and the configuration does not, and of services \
                in use that have no price.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "The file to check. Default: the file that would be used.")
        var file: String?

        func run() throws {
            var option = option
            if let file { option.config = file }
            let configuration = try option.load()
            for warning in Self.warnings(of: configuration) { complain("warning: \(warning)") }
            print("The configuration has no errors.")
        }

        /// The warnings about the keys and the usage of the data folder.
        static func warnings(of configuration: Configuration) -> [String] {
            do throws(LedgerError) {
                // The ledger of an older version stays as it is: a check changes nothing.
                guard let database = try configuration.readLedger(migrating: false) else { return [] }
                defer { database.close() }
                let policies = configuration.policies
                return policies.unlistedNames(of: try KeyStore(database, by: .local).list()).map { "\($0)" }
                    + (try UnpricedUse.find(in: database, policies.prices, at: .now).map { "\($0)" })
            } catch {
                return ["keys and prices cannot be checked: \(error)"]
            }
        }
    }

    /// `propylon config show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the effective configuration, secrets masked.")

        @OptionGroup var option: ConfigurationOption

        func run() throws { print(try option.load().show(), terminator: "") }
    }
}
