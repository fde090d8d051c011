import GRDB

/// Why the ledger could not do what it was asked. The description says what, where and what to do.
package enum LedgerError: Error, Equatable, Sendable {
    /// The data folder or the database file could not be made or opened.
    case cannotOpen(path: String, reason: String)
    /// The database was written by a newer version; `migrations` are the steps that this one does not know.
    case newerDatabase(path: String, migrations: [String])
    /// Another process held the database for longer than the busy time-out.
    case busy(path: String)
    /// The disk, or the quota on it, is full.
    case diskFull(path: String)
    /// The file is not a database, or its content is damaged.
    case damaged(path: String, reason: String)
    /// Another process, `process` where it is known, is the gateway on this data folder: it holds the journal at `path`.
    case inUse(path: String, process: Int32?)
    /// The file at `path` is not a journal, or one of a version that this one does not know.
    case foreignJournal(path: String)
    /// As many requests as the journal at `path` has room for are under way or wait for the ledger.
    case journalFull(path: String, slots: Int)
    /// Anything else that SQLite or the file system reported.
    case failed(path: String, reason: String)
    /// No key has this id or name.
    case keyNotFound(String)
    /// Several keys have this name: one of `ids` has to be named instead.
    case ambiguousKeyName(String, ids: [String])
    /// A key with this id or this secret is there already.
    case duplicateKey(String)
    /// The key with this id is revoked, and a revoked key is never changed again.
    case keyRevoked(String)
}

extension LedgerError {
    /// What `error`, thrown by GRDB while it worked on the database at `path`, means.
    init(_ error: any Error, path: String) {
        if let error = error as? LedgerError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path: path, reason: "\(error)")
            return
        }
        let reason = error.message ?? "SQLite result code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: reason)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY: self = .cannotOpen(path: path, reason: reason)
        default: self = .failed(path: path, reason: reason)
        }
    }

    /// Whether the next try can be expected to succeed without anybody doing anything.
    var passesByItself: Bool {
        if case .busy = self { true } else { false }
    }
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "cannot open the ledger at \(path): \(reason); check that the folder exists and that this user may write to it"
        case .newerDatabase(let path, let migrations):
            "the ledger at \(path) was written by a newer version of propylon "
                + "(unknown migrations: \(migrations.joined(separator: ", "))); use that version, or another data folder"
        case .busy(let path):
            "the ledger at \(path) is locked by another process; end that process or try again"
        case .diskFull(let path):
            "the disk with the ledger at \(path) is full; make room on it"
        case .damaged(let path, let reason):
            "the ledger at \(path) is damaged: \(reason); restore it from a backup, or save what "
                + "`sqlite3 \(path) .recover` still reads"
        case .inUse(let path, let process):
            "another gateway\(process.map { " (process \($0))" } ?? "") is at work on \(path); end it, or use another data folder"
        case .foreignJournal(let path):
            "the file \(path) is not a journal that this version knows; start the version that wrote it once, so that its rows "
                + "come into the ledger, or move it away"
        case .journalFull(let path, let slots):
            "all \(slots) places of the journal at \(path) are taken by requests under way and by rows that wait for the ledger"
        case .failed(let path, let reason):
            "the ledger at \(path) failed: \(reason)"
        case .keyNotFound(let key):
            "no key has the id or name \"\(key)\"; `propylon keys list` shows them all"
        case .ambiguousKeyName(let name, let ids):
            "several keys are named \"\(name)\"; name one by its id: \(ids.joined(separator: ", "))"
        case .duplicateKey(let id):
            "a key with the id \(id), or with the same secret, exists already; make a new one"
        case .keyRevoked(let id):
            "the key \(id) is revoked and cannot be changed any more; create a new one"
        }
    }
}
