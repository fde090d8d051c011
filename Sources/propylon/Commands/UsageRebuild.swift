import ArgumentParser
import Settings
import Store

/// `propylon usage rebuild`
struct UsageRebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Makes the totals that reports read again from the rows.",
        discussion: """
            The totals change with the rows, so this gives the same again; it is for a database that other hands have \
            changed. Days that retention has folded stay as they are. A gateway may be running.
            """)

    @OptionGroup var option: ConfigurationOption

    func run() throws {
        let configuration = try option.load()
        do {
            let database = try LedgerDatabase(directory: configuration.data)
            defer { database.close() }
            print("totals made again from \(try database.rebuildTotals()) rows")
        } catch {
            throw Failure(error)
        }
    }
}
