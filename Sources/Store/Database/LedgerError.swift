import GRDB

/// An error of the ledger. The description names the cause, the place and the remedy.
package enum LedgerError: Error, Equatable, Sendable {
    /// The data folder or the database file could not be created or opened.
    case cannotOpen(path: String, reason: String)
    /// A newer version wrote the database; `migrations` are the steps unknown to this one.
    case newerDatabase(path: String, migrations: [String])
    /// An older version wrote the database, and it is to stay as it is.
    case olderDatabase(path: String)
    /// The data folder, or the file of a backup, has no ledger.
    case noLedger(path: String)
    /// A file that was to be made is there already.
    case fileExists(path: String)
    /// A data folder that was to be empty has the files `names`.
    case folderInUse(path: String, names: [String])
    /// Another process held the database for longer than the busy timeout.
    case busy(path: String)
    /// The disk is full, or its quota is used up.
    case diskFull(path: String)
    /// A backup of `bytes` beside the ledger at `path` would fill the disk.
    case noRoomForBackup(path: String, bytes: Int64)
    /// The file is not a database, or its content is damaged.
    case damaged(path: String, reason: String)
    /// Another gateway uses this data folder and holds the journal at `path`. `process` is its id, if known.
    case inUse(path: String, process: Int32?)
    /// The file at `path` is not a journal, or a journal of an unknown version.
    case foreignJournal(path: String)
    /// The journal at `path` has no free slot: requests in flight and rows that wait for the ledger hold all of them.
    case journalFull(path: String, slots: Int)
    /// Any other error of SQLite or the file system.
    case failed(path: String, reason: String)
    /// No key has this id or name.
    case keyNotFound(String)
    /// Several keys have this name; the caller must name one of `ids`.
    case ambiguousKeyName(String, ids: [String])
    /// Another key has this id or this secret.
    case duplicateKey(String)
    /// The key with this id is revoked. A revoked key never changes again.
    case keyRevoked(String)
    /// A key has so many grants already.
    case tooManyGrants(String, limit: Int)
    /// Another key with this id has the name, or has it as its id. Without an id the actor may not see that key.
    case nameTaken(String, id: String?)
    /// The actor may see and change the keys of this team alone.
    case otherTeam(allowed: String)
    /// The key has changed since the version that the caller knows.
    case keyChanged(String)
    /// A member of a key has no text that people can read.
    case unreadableText(member: String)
    /// A key would have more patterns of models.
    case tooManyModels(limit: Int)
    /// A member of a key has more bytes of UTF-8 than `limit`.
    case textTooLong(member: String, bytes: Int, limit: Int)
}

extension LedgerError {
    /// Translates `error`, which GRDB threw while it used the database at `path`.
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
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "cannot open the ledger at \(path): \(reason); check that the folder exists and that this user may write to it"
        case .newerDatabase(let path, let migrations):
            "a newer version of propylon wrote the ledger at \(path) "
                + "(unknown migrations: \(migrations.joined(separator: ", "))); start that version, or go back with the backup "
                + "from before the upgrade (`propylon restore`, see config/upgrading.md)"
        case .olderDatabase(let path):
            "an older version of propylon wrote the ledger at \(path), and a backup is to be its way back; make the backup with "
                + "that version, or start this one first"
        case .noLedger(let path):
            "there is no ledger at \(path); check the name, or name the data folder with --data"
        case .fileExists(let path):
            "\(path) exists already; choose another name, or remove it"
        case .folderInUse(let path, let names):
            "the data folder \(path) has a ledger (\(names.joined(separator: ", "))); use another folder, or --force to put it "
                + "aside"
        case .busy(let path):
            "the ledger at \(path) is locked by another process; end that process or try again"
        case .diskFull(let path):
            "the disk with the ledger at \(path) is full; free some space on it"
        case .noRoomForBackup(let path, let bytes):
            "a backup takes \(bytes >> 20) MiB of the disk with \(path) while it is made, which has not enough; free some space on "
                + "it, or write the backup to another disk with `propylon backup`"
        case .damaged(let path, let reason):
            "the ledger at \(path) is damaged: \(reason); restore a backup, or recover the readable part with "
                + "`sqlite3 \(path) .recover`"
        case .inUse(let path, let process):
            "another gateway\(process.map { " (process \($0))" } ?? "") uses \(path); end it, take over from it with "
                + "propylon serve --take-over, or use another data folder"
        case .foreignJournal(let path):
            "the file \(path) is not a journal of a known version; start the version that wrote it once, so that its rows "
                + "reach the ledger, or move the file away"
        case .journalFull(let path, let slots):
            "all \(slots) slots of the journal at \(path) are taken by requests in flight and by rows that wait for the "
                + "ledger; check that the disk and the database take writes, or lower limits.connections"
        case .failed(let path, let reason):
            "the ledger at \(path) failed: \(reason); check the disk and the file, then try again"
        case .keyNotFound(let key):
            "no key has the id or name \"\(key)\"; `propylon keys list` lists all keys"
        case .ambiguousKeyName(let name, let ids):
            "several keys are named \"\(name)\"; use one of their ids: \(ids.joined(separator: ", "))"
        case .duplicateKey(let id):
            "a key with the id \(id), or with the same secret, exists already; create a new one"
        case .keyRevoked(let id):
            "the key \(id) is revoked and cannot change any more; create a new one"
        case .tooManyGrants(let id, let limit):
            "the key \(id) would have more than \(limit) grants; end some with `propylon keys grant \(id) KIND=none`"
        case .nameTaken(let name, nil):
            "another key has the name \"\(name)\", or has it as its id; choose another name"
        case .nameTaken(let name, let id?):
            "the key \(id) has the name \"\(name)\", or has it as its id; choose another name, or revoke that key first"
        case .otherTeam(let allowed):
            "this token is for keys of the team \(allowed) alone; name that team, or use a token with the scope admin"
        case .keyChanged(let id):
            "the key \(id) has changed meanwhile; read it again and repeat the change"
        case .unreadableText(let member):
            "the key's \(member) is empty, or has control characters or line ends; use printable characters"
        case .tooManyModels(let limit):
            "a key has at most \(limit) patterns of models; join some with *"
        case .textTooLong(let member, let bytes, let limit):
            "the key's \(member) has \(bytes) bytes of UTF-8, and at most \(limit) are allowed; choose a shorter one"
        }
    }
}
