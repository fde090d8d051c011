import Admin
import HTTPServer
import Store
import Synchronization

/// `/admin/v1/backup`: what `propylon backup` makes, as a download.
extension AdminServices {
    var backupRoute: AdminRoute {
        AdminRoute(
            AdminOperation(
                .get, "/admin/v1/backup", needs: .admin, "getBackup",
                "A copy of the whole data folder, as `propylon backup` makes it; one at a time.",
                .init("The backup, for `propylon restore`.", type: "application/vnd.sqlite3")),
            .stream(sendBackup))
    }

    @Sendable private func sendBackup(_ request: AdminRequest, _ exchange: ServerExchange) async throws(ExchangeError) {
        guard let turn = BackupTurn(backups) else {
            let problem = AdminProblem(
                409, "backup_running", "another backup is being made or downloaded; try again when it has ended")
            return try await exchange.respond(problem.response())
        }
        let response = SlicedResponse(
            work: .copy,
            fields: [
                ("content-type", "application/vnd.sqlite3"),
                ("content-disposition", "attachment; filename=\"propylon-backup.sqlite\""),
            ],
            begin: { [self] () throws(AdminProblem) in try makeBackup(turn, by: request.actor) },
            length: { .exact($0.file.count) },
            next: { state throws(LedgerError) in try state.next() })
        if exchange.isHead {
            try await response.sendHead(over: exchange)
        } else {
            try await response.send(over: exchange)
        }
    }

    private func makeBackup(_ turn: BackupTurn, by actor: AuditActor) throws(AdminProblem) -> BackupDownload {
        do throws(LedgerError) {
            let file = try BackupFile(of: running.current.data)
            try storage.database.auditBackup(of: file.count, by: actor, at: time.now)
            return BackupDownload(file: file, turn: turn)
        } catch { throw AdminProblem(error) }
    }
}

/// True while a backup is made or downloaded. Each takes as much of the disk as the ledger.
final class RunningBackup: Sendable {
    fileprivate let isOn = Atomic<Bool>(false)
}

/// The right to the one backup that may run, given back by `end`, or with the last reference to it.
private final class BackupTurn: Sendable {
    private let running: RunningBackup
    private let isOn = Atomic<Bool>(true)

    /// Takes the turn; nil where another one has it.
    init?(_ running: RunningBackup) {
        guard running.isOn.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return nil
        }
        self.running = running
    }

    /// Lets the next backup begin.
    func end() {
        if isOn.exchange(false, ordering: .relaxed) { running.isOn.store(false, ordering: .relaxed) }
    }

    deinit { end() }
}

/// A backup on its way to a client.
private struct BackupDownload: Sendable {
    /// Bytes of one slice.
    private static let slice = 256 << 10

    let file: BackupFile
    let turn: BackupTurn
    private var offset = 0

    init(file: BackupFile, turn: BackupTurn) {
        self.file = file
        self.turn = turn
    }

    /// The bytes after those before; nil at the end.
    mutating func next() throws(LedgerError) -> [UInt8]? {
        let bytes = try file.bytes(from: offset, atMost: Self.slice)
        offset += bytes.count
        // A client that has the last bytes may ask for the next backup at once.
        if offset >= file.count { turn.end() }
        return bytes.isEmpty ? nil : bytes
    }
}
