import ArgumentParser
import Clocks
import Settings
import Store

/// `propylon backup`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the whole data folder into one file, while a gateway serves.",
        discussion: """
            The file has every request that was answered before the command began. Requests in flight have rows with \
            estimated numbers. It is a SQLite database, for its owner alone: it has names and digests of keys, and no key.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "The file to make, which must not exist.", completion: .file())
    var file: String

    func run() throws {
        let configuration = try option.load(for: .ledger)
        do throws(LedgerError) {
            let line = ProgressLine()
            try LedgerBackup.make(of: configuration.data, as: file) { line.show("\(Int($0 * 100)) %") }
            line.clear()
        } catch { throw Failure(error) }
        print("\(configuration.dataFolder) is backed up in \(file)")
    }
}

/// `propylon restore`
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup into the data folder, while no gateway uses it.",
        discussion: "The backup is checked first. Nothing changes where it is damaged, or was made by a newer version.")

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "The file of `propylon backup`.", completion: .file())
    var file: String

    @Flag(help: "Put the ledger that the data folder has aside, into a folder in it.")
    var force = false

    func run() throws {
        let configuration = try option.load(for: .ledger)
        let old = force ? "replaced-\(Timestamp.now.seconds)" : nil
        do throws(LedgerError) {
            try LedgerBackup.restore(file, to: configuration.data, movingOldTo: old)
        } catch { throw Failure(error) }
        print("\(file) is restored to \(configuration.dataFolder)")
    }
}
