import ArgumentParser
import Policy
import Settings
import Store

extension ConfigurationCommand {
    /// `propylon config diff`
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare a configuration with the one of the running gateway.",
            discussion: """
                Shows each member that a reload would change, and the keys of the data folder whose tier or team it is. \
                Secrets are masked, so their changes are not seen.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "The file to compare. Default: the file that would be used.")
        var file: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let used = try option.load()
            var new = used
            if let file {
                var option = option
                option.config = file
                new = try option.load()
            }
            let page = try await AdminCall(used).runningPage("/admin/v1/config")
            let differences = try new.differences(fromShown: String(decoding: page, as: UTF8.self))
            let text = ChangeText(differences, to: new, keys: try Self.keys(used))
            print(json ? text.json.text + "\n" : text.text, terminator: "")
        }

        private static func keys(_ configuration: Configuration) throws -> [KeyRecord] {
            do throws(LedgerError) {
                guard let database = try configuration.lookAtLedger() else { return [] }
                defer { database.close() }
                return try KeyStore(database, by: .local).list()
            } catch { throw Failure(error) }
        }
    }
}
