import Settings
import Store

/// How commands open the ledger of the data folder, beside a gateway or not.
extension Configuration {
    /// The patience of commands.
    var lockWait: LockWait {
        .patiently { [data] in
            complain(
                "waiting for the gateway, or another command, that writes to the ledger in \(data); Ctrl-C ends this command"
            )
        }
    }

    /// Opens the ledger to change it. Creates it if it is missing.
    func openLedger() throws(LedgerError) -> LedgerDatabase { try LedgerDatabase(directory: data, wait: lockWait) }

    /// Opens the ledger for a report. Returns nil where there is none, and creates nothing.
    ///
    /// - Parameter isMigrating: False to return nil for the ledger of an older version.
    func readLedger(migrating isMigrating: Bool = true) throws(LedgerError) -> LedgerDatabase? {
        try LedgerDatabase.reading(directory: data, wait: lockWait, migrating: isMigrating)
    }
}
