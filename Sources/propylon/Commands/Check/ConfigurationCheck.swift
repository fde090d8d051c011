import ArgumentParser
import Clocks
import Policy
import Settings
import Store

extension ConfigurationCommand {
    /// `propylon config check`
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report all errors of a configuration with line and column.",
            discussion: """
                Opens every file that the configuration names, and tries its addresses. Warns of models and endpoints that \
                are unknown, of tiers and teams that keys of the data folder have and the configuration does not, and of \
                services in use that have no price. With --upstream it also asks each upstream for its models with each key, as \
                the proof that a new key works; that costs nothing.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "The file to check. Default: the file that would be used.")
        var file: String?

        @Flag(help: "Try each key of the upstreams. Exit status 1 if one does not work.")
        var upstream = false

        func run() async throws {
            var option = option
            if let file { option.config = file }
            let file = try option.read()
            let issues = (file.warnings + ConfigurationReview(file, at: .now).issues).inOrderOfTheFile
            guard !issues.contains(where: { $0.severity == .error }) else {
                throw Failure("\(ConfigurationErrors(issues: issues))", status: .badConfiguration, isListing: true)
            }
            for warning in issues { complain("\(warning)") }
            for warning in Self.warnings(of: file.configuration) { complain("warning: \(warning)") }
            print("The configuration has no errors.")
            if upstream { try await tryKeys(file.configuration) }
        }

        private func tryKeys(_ configuration: Configuration) async throws {
            let answers: [UpstreamCheck.Answer]
            do { answers = try await UpstreamCheck(configuration, sandbox: nil).answers() } catch {
                throw Failure(error)
            }
            for answer in answers { print(answer) }
            let faults = answers.count { !$0.isAccepted }
            guard faults == 0 else {
                throw Failure("\(faults) of \(answers.count) upstream keys do not work; check upstream.api_keys")
            }
        }

        /// The warnings about the keys and the usage of the data folder.
        static func warnings(of configuration: Configuration) -> [String] {
            do throws(LedgerError) {
                // The ledger of an older version stays as it is: a check changes nothing.
                guard let database = try configuration.lookAtLedger() else { return [] }
                defer { database.close() }
                let policies = configuration.policies
                return policies.unlistedNames(of: try KeyStore(database, by: .local).list()).map { "\($0)" }
                    + (try UnpricedUse.find(in: database, policies.prices, at: .now).map { "\($0)" })
            } catch {
                return ["keys and prices cannot be checked: \(error)"]
            }
        }
    }
}
