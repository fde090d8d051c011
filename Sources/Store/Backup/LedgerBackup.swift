import GRDB
import Glibc

/// A copy of a data folder as one file, made while a gateway writes to it, and its way back.
///
/// The file is a ledger: a SQLite database with all tables, into which the rows of the journals have moved. So each request that
/// was answered before the copy began is in it. Those in flight have rows that say so, with estimated numbers.
package enum LedgerBackup {
    /// Pages of one step, 2 MiB. Between two steps others get the disk.
    private static let pagesOfStep: CInt = 512
    private static let pauseMicroseconds: UInt32 = 2000

    /// Writes the backup of the ledger in `directory` to `file`, which appears once it is whole and on the disk. Blocks.
    ///
    /// No writer waits for it: the copy is that of one moment, and is made step by step.
    ///
    /// - Parameter progress: Gets the part that is done, 0 to 1.
    /// - Throws: `LedgerError.fileExists`, `.noLedger` for a folder without one, `.olderDatabase` and `.newerDatabase` for that of
    ///   another version, `.damaged` where the copy is not sound, or the error of SQLite or the file system.
    package static func make(
        of directory: String, as file: String, progress: @escaping (Double) -> Void = { _ in }
    ) throws(LedgerError) {
        guard !DiskFile.exists(file) else { throw .fileExists(path: file) }
        guard LedgerDatabase.exists(in: directory) else { throw .noLedger(path: directory) }
        guard let source = try LedgerDatabase.reading(directory: directory, wait: .briefly, migrating: false) else {
            throw .olderDatabase(path: LedgerDatabase.path(in: directory))
        }
        defer { source.close() }
        let staging = try DiskFile.makeFolder(beside: file)
        defer { DiskFile.remove(staging) }
        // The journals come first: what leaves them in between is in the database then.
        let leftovers = try Journal.Leftovers(inFolder: directory)
        let path = LedgerDatabase.path(in: staging)
        try LedgerDatabase.makeFile(path)
        try copy(source, to: path, progress)
        try add(leftovers, to: staging)
        try mergeLog(of: path)
        try check(path)
        try DiskFile.publish(path, as: file)
    }

    /// Puts the backup in `file` into the folder `directory`. Blocks.
    ///
    /// - Parameter folderOfOld: Name of a new folder in `directory`, for the ledger that is there. Nil refuses where one is.
    /// - Throws: `LedgerError.inUse` while a gateway runs, `.folderInUse` for a folder with a ledger, `.newerDatabase` for the
    ///   backup of a newer version, `.damaged` for one that is not sound, or the error of SQLite or the file system.
    package static func restore(
        _ file: String, to directory: String, movingOldTo folderOfOld: String? = nil
    ) throws(LedgerError) {
        guard DiskFile.exists(file) else { throw .noLedger(path: file) }
        try check(file)
        try LedgerDatabase.makeFolder(directory)
        let old = try DiskFile.names(in: directory).filter(isState)
        if !old.isEmpty {
            guard let folderOfOld else { throw .folderInUse(path: directory, names: old) }
            try move(old, of: directory, to: "\(directory)/\(folderOfOld)")
        }
        let staging = try DiskFile.makeFolder(beside: LedgerDatabase.path(in: directory))
        defer { DiskFile.remove(staging) }
        let path = LedgerDatabase.path(in: staging)
        try DiskFile.copy(file, to: path)
        try DiskFile.publish(path, as: LedgerDatabase.path(in: directory))
    }

    /// Moves the files `names`, while no gateway may use them.
    private static func move(_ names: [String], of directory: String, to target: String) throws(LedgerError) {
        let journal = try JournalFolder(directory: directory).open(capacity: 0, isShared: false)
        defer { withExtendedLifetime(journal) {} }
        try LedgerDatabase.makeFolder(target)
        for name in names { try DiskFile.move("\(directory)/\(name)", to: "\(target)/\(name)") }
    }

    /// Returns true for the name of a file that the state of a data folder consists of: the database with its log, and journals.
    private static func isState(_ name: String) -> Bool {
        name.hasPrefix(LedgerDatabase.fileName) || name.hasPrefix(JournalFolder.name)
    }

    private static func copy(
        _ source: LedgerDatabase, to path: String, _ progress: @escaping (Double) -> Void
    ) throws(LedgerError) {
        do {
            let target = try DatabaseQueue(path: path)
            defer { try? target.close() }
            try source.pool.read { database in
                // The first statement fixes the moment. Without it each commit of a writer would begin the copy anew.
                _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
                try target.writeWithoutTransaction { target in
                    try database.backup(to: target, pagesPerStep: pagesOfStep) { step in
                        progress(1 - Double(step.remainingPageCount) / Double(max(1, step.totalPageCount)))
                        if !step.isCompleted { usleep(pauseMicroseconds) }
                    }
                }
            }
        } catch { throw LedgerError(error, path: path) }
    }

    private static func add(_ leftovers: Journal.Leftovers, to directory: String) throws(LedgerError) {
        let copy = try LedgerDatabase(directory: directory)
        defer { copy.close() }
        _ = try LedgerWriter.Recovery.commit([leftovers], into: copy)
    }

    /// Makes one file of the database at `path` and its log.
    private static func mergeLog(of path: String) throws(LedgerError) {
        do {
            let database = try DatabaseQueue(path: path)
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try database.close()
        } catch { throw LedgerError(error, path: path) }
    }

    /// Reads the whole ledger at `path`.
    /// - Throws: `LedgerError.damaged`, or `.newerDatabase`.
    private static func check(_ path: String) throws(LedgerError) {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? database.close() }
            try database.read { database in
                if case .newer(let migrations) = try Schema.state(database) {
                    throw LedgerError.newerDatabase(path: path, migrations: migrations)
                }
                guard try database.tableExists("usage_groups"), try database.tableExists("keys") else {
                    throw LedgerError.damaged(path: path, reason: "it has no tables of propylon")
                }
                let result = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                guard result == "ok" else { throw LedgerError.damaged(path: path, reason: result ?? "no result") }
            }
        } catch { throw LedgerError(error, path: path) }
    }
}
