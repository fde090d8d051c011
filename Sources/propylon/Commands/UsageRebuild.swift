import ArgumentParser
import Settings
import Store

/// `propylon usage rebuild`
struct UsageRebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Recompute the totals of reports from the rows.",
        discussion: """
            Totals change with the rows, so the result is the same, unless another program has changed the database. Days \
            that retention has folded stay as they are. A gateway may be running.
            """)

    @OptionGroup var option: ConfigurationOption

    func run() throws {
        let configuration = try option.load()
        do {
            let database = try LedgerDatabase(directory: configuration.data)
            defer { database.close() }
            print("totals recomputed from \(try database.rebuildTotals()) rows")
        } catch {
            throw Failure(error)
        }
    }
}
