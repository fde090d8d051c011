import Logging
import Settings
import Store

/// Everything in the data folder: the ledger with its journal, the keys, the owners of resources.
struct GatewayStorage: Sendable {
    let database: LedgerDatabase
    let keys: KeyCache
    let ledger: LedgerWriter
    let resources: ResourceStore
    let events: EventLog

    /// Capacity of the journal for rows that wait for the database, a kilobyte each. Requests in progress come on top.
    private static let waitingRows = 32_768

    /// Opens the data folder and commits the rows that the journals of ended processes hold. Blocks.
    ///
    /// - Parameter isShared: True beside a running gateway that hands over.
    init(_ configuration: Configuration, isShared: Bool = false, log: Logger) throws {
        database = try LedgerDatabase(directory: configuration.data)
        BackupFile.removeAbandoned(in: configuration.data)
        keys = try KeyCache(database)
        let journal = try Journal(
            directory: configuration.data, capacity: configuration.limits.connections + Self.waitingRows,
            isShared: isShared)
        ledger = try LedgerWriter(database, journal: journal)
        resources = ResourceStore(database)
        events = EventLog(database)
        report(ledger.recovery, log)
    }

    /// Logs the rows of a process that did not end normally.
    func report(_ recovery: LedgerWriter.Recovery, _ log: Logger) {
        guard !recovery.isEmpty else { return }
        log.warning(
            "the last process did not end normally: the rows of its journal are in the ledger now",
            metadata: [
                "finished": "\(recovery.finished)", "interrupted": "\(recovery.interrupted)",
                "unreadable": "\(recovery.unreadable)",
            ])
    }

    /// Commits all rows and closes the ledger. Blocks.
    func close(_ log: Logger) {
        events.flush()
        let lost = ledger.close()
        if lost > 0 {
            log.critical(
                "rows cannot be written to the ledger: they stay in the journal until the next start",
                metadata: ["rows": "\(lost)"])
        }
        database.close()
    }
}
