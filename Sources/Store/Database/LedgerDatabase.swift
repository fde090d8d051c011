import GRDB
import Glibc

/// The one SQLite file of a data folder, `propylon.sqlite`, with the keys and the usage.
///
/// - WAL mode: reports read while the gateway writes, and several processes (the gateway, the command line) work side by
///   side, each waiting up to five seconds for another one's transaction.
/// - `synchronous=NORMAL`: what is committed survives the death of the process at any moment; after a loss of power the
///   last commits may be missing, but the file is whole.
/// - The folder is made readable by its owner alone (0700), the file too (0600): it tells who asked what model when.
package final class LedgerDatabase: Sendable {
    /// The database file.
    package let path: String

    let pool: DatabasePool

    /// Opens the ledger in `directory`; makes the folder, the file and the tables where they are missing, and brings the
    /// tables of an older version up to date.
    ///
    /// Blocks, up to several seconds where another process is at work on the same file: not for an event loop.
    /// - Throws: `LedgerError.newerDatabase` where a newer version has been at work, otherwise what went wrong.
    package init(directory: String) throws(LedgerError) {
        path = directory + "/propylon.sqlite"
        try Self.makeFolder(directory)
        let folder = try FolderLock(directory)
        defer { folder.unlock() }
        try Self.makeFile(path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration)
            try Schema.migrate(pool, path: path)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Ends all connections. Whoever uses the database afterwards gets errors; calling it again does nothing.
    package func close() {
        // GRDB closes the writer before the readers, but only a last connection that may write folds the log into the
        // file and removes it: so the readers go first. Where that fails nothing is lost, the log is read at the next start.
        pool.invalidateReadOnlyConnections()
        try? pool.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 2
        configuration.label = "propylon.ledger"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func makeFolder(_ directory: String) throws(LedgerError) {
        guard !directory.isEmpty else {
            throw .cannotOpen(path: directory, reason: "the name of the data folder is empty")
        }
        // Parents first, as `mkdir -p` does. One that exists keeps its mode.
        var end = directory.startIndex
        while end != directory.endIndex {
            let next = directory.index(after: end)
            end = directory[next...].firstIndex(of: "/") ?? directory.endIndex
            if mkdir(String(directory[..<end]), 0o700) != 0, errno != EEXIST, errno != EISDIR {
                let code = errno
                throw .cannotOpen(
                    path: directory, reason: "the folder cannot be made: \(String(cString: strerror(code)))")
            }
        }
    }

    private static func makeFile(_ path: String) throws(LedgerError) {
        // SQLite gives the -wal and -shm files the mode of the database, so it is enough to make this one.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            throw .cannotOpen(path: path, reason: String(cString: strerror(code)))
        }
        _ = Glibc.close(descriptor)
    }
}

/// Holds off other processes that open the same ledger: a change to WAL mode and a migration tolerate nobody beside them.
///
/// The lock is on the folder itself, so that it leaves no file behind, and ends with the process.
private struct FolderLock {
    private let descriptor: CInt

    init(_ directory: String) throws(LedgerError) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw .cannotOpen(path: directory, reason: String(cString: strerror(code)))
        }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    func unlock() { _ = Glibc.close(descriptor) }
}

extension LedgerDatabase {
    /// Reads in one transaction, beside any writer.
    func reading<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try pool.read(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Writes in one transaction, which is undone where `body` throws.
    func writing<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try pool.write(body) } catch { throw LedgerError(error, path: path) }
    }
}
