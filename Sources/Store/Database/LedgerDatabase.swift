import GRDB
import Glibc

/// The SQLite file of a data folder, `propylon.sqlite`, with keys, usage and owned resources.
///
/// - WAL mode: reports read while the gateway writes. The gateway and the command line work side by side, and each waits
///   for a transaction of the other as its `LockWait` says. No transaction takes longer than a few dozen milliseconds.
/// - `synchronous=NORMAL`: a commit survives the death of the process at any moment. A loss of power may take the last
///   commits, and leaves the file whole.
/// - The folder is readable by its owner alone (0700), and so is the file (0600): it records which user used which model.
package final class LedgerDatabase: Sendable {
    /// The path of the database file.
    package let path: String

    let pool: DatabasePool

    /// Opens the ledger in `directory`. Creates the folder, the file and the tables if they are missing, and migrates the
    /// tables of an older version.
    ///
    /// Blocks while another process migrates the same file, and as long as `wait` says. Do not call it on an event loop.
    /// - Throws: `LedgerError.newerDatabase` if a newer version wrote the file, otherwise the error of SQLite or the
    ///   file system.
    package init(directory: String, wait: LockWait = .briefly) throws(LedgerError) {
        path = Self.path(in: directory)
        try Self.makeFolder(directory)
        let folder = try FolderLock(directory, wait)
        defer { folder.unlock() }
        try Self.makeFile(path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(wait))
            try Schema.migrate(pool, path: path)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Opens the ledger in `directory` for reports: it changes nothing, and no writer holds it up.
    ///
    /// The ledger of an older version is migrated first, or is nil. Returns nil also where there is no ledger, and creates
    /// none.
    package static func reading(
        directory: String, wait: LockWait, migrating isMigrating: Bool = true
    ) throws(LedgerError) -> LedgerDatabase? {
        let path = path(in: directory)
        guard exists(in: directory) else { return nil }
        let reader = try LedgerDatabase(readingOnly: path, wait)
        do throws(LedgerError) {
            switch try reader.reading(Schema.state) {
            case .current: return reader
            case .older: reader.close()
            case .newer(let migrations): throw LedgerError.newerDatabase(path: path, migrations: migrations)
            }
        } catch {
            reader.close()
            throw error
        }
        return isMigrating ? try LedgerDatabase(directory: directory, wait: wait) : nil
    }

    /// Returns true for a folder with a ledger.
    package static func exists(in directory: String) -> Bool { access(path(in: directory), F_OK) == 0 }

    /// The name of the database file.
    static let fileName = "propylon.sqlite"

    static func path(in directory: String) -> String { "\(directory)/\(fileName)" }

    private init(readingOnly path: String, _ wait: LockWait) throws(LedgerError) {
        self.path = path
        var configuration = Self.configuration(wait)
        configuration.readonly = true
        do { pool = try DatabasePool(path: path, configuration: configuration) } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Closes all connections. Later calls on the database throw; closing twice does nothing.
    package func close() {
        // GRDB closes the writer before the readers. Only a last connection that may write folds the log into the file and
        // removes it, so the readers close first. A failure loses nothing: the next start reads the log.
        pool.invalidateReadOnlyConnections()
        try? pool.close()
    }

    static func configuration(_ wait: LockWait, temporaryFiles: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = wait.busyMode
        configuration.maximumReaderCount = 2
        configuration.label = "propylon.ledger"
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA synchronous = NORMAL; PRAGMA temp_store = \(temporaryFiles ? "FILE" : "MEMORY")")
        }
        return configuration
    }

    static func makeFolder(_ directory: String) throws(LedgerError) {
        guard !directory.isEmpty else {
            throw .cannotOpen(path: directory, reason: "the name of the data folder is empty")
        }
        // Parents first, as `mkdir -p` does. An existing folder keeps its mode.
        var end = directory.startIndex
        while end != directory.endIndex {
            let next = directory.index(after: end)
            end = directory[next...].firstIndex(of: "/") ?? directory.endIndex
            if mkdir(String(directory[..<end]), 0o700) != 0, errno != EEXIST, errno != EISDIR {
                let code = errno
                throw .cannotOpen(
                    path: directory, reason: "the folder cannot be created: \(String(cString: strerror(code)))")
            }
        }
    }

    static func makeFile(_ path: String) throws(LedgerError) {
        // SQLite gives the -wal and -shm files the mode of the database file.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            throw .cannotOpen(path: path, reason: String(cString: strerror(code)))
        }
        _ = Glibc.close(descriptor)
    }
}

/// A lock against other processes that open the same ledger. A change to WAL mode and a migration need the file alone.
///
/// The lock is on the folder itself: it leaves no file, and ends with the process.
private struct FolderLock {
    private let descriptor: CInt

    init(_ directory: String, _ wait: LockWait) throws(LedgerError) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw .cannotOpen(path: directory, reason: String(cString: strerror(code)))
        }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            // Without a bound: only a migration or a start of another process holds it.
            _ = wait.goesOn(after: tries)
            tries += 1
        }
    }

    func unlock() { _ = Glibc.close(descriptor) }
}

extension LedgerDatabase {
    /// Runs `body` in a read transaction. Writers do not wait for it.
    func reading<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try pool.read(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Runs `body` in a write transaction, which is rolled back if `body` throws.
    func writing<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try pool.write(body) } catch { throw LedgerError(error, path: path) }
    }
}
