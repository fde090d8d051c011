import Glibc

/// The journals of a data folder. One process at a time writes each of them.
///
/// A gateway has `journal`. While it hands over to its successor there is a second one, as `journal-2`: the names take turns.
/// A journal whose process has ended is an orphan, and whoever finds it moves its records into the ledger and removes it.
struct JournalFolder {
    /// The name of the first journal, with which those of all others begin.
    static let name = "journal"
    /// The most journals at one time: successors that follow each other faster than requests end.
    private static let mostJournals = 32

    let directory: String

    /// All paths, in the order in which they are taken.
    private var paths: [String] {
        (1...Self.mostJournals).map { "\(directory)/\(Self.name)" + ($0 == 1 ? "" : "-\($0)") }
    }

    /// The paths of the journals that there are.
    var present: [String] { paths.filter(DiskFile.exists) }

    /// Opens the first journal that no process holds.
    ///
    /// - Parameter isShared: Accepts that another process holds a journal: the one that this process takes over from.
    /// - Throws: `LedgerError.inUse`, and the errors of `JournalFile`.
    func open(capacity: Int, isShared: Bool) throws(LedgerError) -> JournalFile {
        var own: JournalFile?
        var refusal: LedgerError?
        for path in paths where own == nil || DiskFile.exists(path) {
            do throws(LedgerError) {
                let file = try JournalFile(path, capacity: own == nil ? capacity : 0)
                own = own ?? file
            } catch .inUse(let path, let process) {
                guard isShared else { throw .inUse(path: path, process: process) }
                refusal = .inUse(path: path, process: process)
            }
        }
        guard let own else { throw refusal ?? .inUse(path: "\(directory)/\(Self.name)", process: nil) }
        return own
    }

    /// Opens all journals of processes that have ended, but for `own`.
    ///
    /// - Returns: the journals, and true where other processes hold some still.
    func orphans(besides own: JournalFile) throws(LedgerError) -> (files: [JournalFile], othersLive: Bool) {
        var files: [JournalFile] = []
        var othersLive = false
        for path in paths where path != own.path && DiskFile.exists(path) {
            do throws(LedgerError) {
                files.append(try JournalFile(path, capacity: 0))
            } catch .inUse {
                othersLive = true
            }
        }
        return (files, othersLive)
    }
}
