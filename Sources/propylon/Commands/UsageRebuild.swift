import ArgumentParser
import Settings
import Store

/// `propylon usage rebuild`
struct UsageRebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Recompute the totals of reports from the rows.",
        discussion: """
            Totals change with the rows, so the result is the same, unless another program has changed the database. Days \
            that retention has folded stay as they are. A gateway may be running: it goes on to serve. Progress goes to \
            standard error, if that is a terminal.
            """)

    @OptionGroup var option: ConfigurationOption

    func run() throws {
        let configuration = try option.load(for: .ledger)
        do {
            let database = try configuration.changeLedger()
            defer { database.close() }
            let line = ProgressLine()
            let rows = try database.rebuildTotals(wait: configuration.lockWait) { progress in
                line.show("\(progress.read) of \(progress.rows) rows read")
            }
            line.show("adding up days and months")
            try ClosedSpanBuilder(database, timeZone: configuration.timeZone).run(at: .now)
            line.clear()
            print("totals recomputed from \(rows) rows")
        } catch {
            throw Failure(error)
        }
    }
}
