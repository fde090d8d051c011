import Foundation
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

    /// The data folder as an absolute path, for messages: a relative one means another folder elsewhere.
    var dataFolder: String { URL(fileURLWithPath: data).standardizedFileURL.path }

    /// Opens the ledger to change it.
    /// - Throws: `Failure` where there is none.
    func changeLedger() throws -> LedgerDatabase {
        guard LedgerDatabase.exists(in: data) else { throw noLedger }
        return try openLedger()
    }

    /// The failure of a command that needs a ledger.
    var noLedger: Failure {
        Failure("there is no ledger in \(dataFolder); check data of the configuration, or name the folder with --data")
    }

    /// Opens the ledger to change it. Creates it if it is missing.
    func openLedger() throws(LedgerError) -> LedgerDatabase { try LedgerDatabase(directory: data, wait: lockWait) }

    /// Opens the ledger for a report. Returns nil where there is none, which it says, and creates nothing.
    func readLedger() throws(LedgerError) -> LedgerDatabase? {
        let ledger = try LedgerDatabase.reading(directory: data, wait: lockWait)
        if ledger == nil { complain("there is no ledger in \(dataFolder) yet") }
        return ledger
    }

    /// Opens the ledger for a look at it. Returns nil where there is none, and for that of an older version, which stays as it is.
    func lookAtLedger() throws(LedgerError) -> LedgerDatabase? {
        try LedgerDatabase.reading(directory: data, wait: lockWait, migrating: false)
    }
}
