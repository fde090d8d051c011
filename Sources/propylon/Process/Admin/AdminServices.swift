import Admin
import Clocks
import Gateway
import Settings
import Store
import Transport

/// What the operations of the admin API share: the services of the command line, on the data of the running gateway.
struct AdminServices: Sendable {
    let gateway: Gateway
    let storage: GatewayStorage
    let running: RunningConfiguration
    let reloads: ReloadDoor
    /// The address of the built-in sandbox, where it is the upstream.
    let sandbox: SocketAddress?
    let time: any TimeSource
    let backups = RunningBackup()

    /// The keys that the client of `request` may see and change, if they have the version that it knows.
    func keys(for request: AdminRequest) throws(AdminProblem) -> KeyService {
        KeyService(
            storage.database, running.current, by: request.actor, team: request.caller.scope.team,
            expecting: try request.expectedVersion, at: time.now)
    }

    /// Runs `body` on the keys, and makes its change known to all requests.
    func changing<Result>(
        _ request: AdminRequest, _ body: (KeyService) throws(KeyProblem) -> Result
    ) throws(AdminProblem) -> Result {
        let keys = try keys(for: request)
        defer { storage.keys.reloadIfChanged() }
        do throws(KeyProblem) { return try body(keys) } catch { throw AdminProblem(error) }
    }

    /// Runs `body` on the keys, to show them.
    func reading<Result>(
        _ request: AdminRequest, _ body: (KeyService) throws(KeyProblem) -> Result
    ) throws(AdminProblem) -> Result {
        let keys = try keys(for: request)
        do throws(KeyProblem) { return try body(keys) } catch { throw AdminProblem(error) }
    }

    /// All operations on the data of the gateway.
    var routes: [AdminRoute] {
        keyRoutes + requestRoutes + auditRoutes + alertRoutes + usageRoutes + configurationRoutes
            + [upstreamCheck, backupRoute]
    }

    /// The moment of the past that the parameter `name` says, as on the command line.
    func past(_ text: String, _ name: String) throws(AdminProblem) -> Timestamp {
        do throws(TimeText.Problem) { return try timeText.past(text, now: time.now) } catch {
            throw .invalid(error.description, param: name)
        }
    }

    /// Times in the zone of the configuration.
    var timeText: TimeText { running.current.timeText }
}

extension AdminRequest {
    /// The client, for the audit log.
    var actor: AuditActor { AuditActor(name: caller.name, origin: address) }

    /// The version in `if-match` (RFC 9110, section 13.1.1); nil for any.
    fileprivate var expectedVersion: Int64? {
        get throws(AdminProblem) {
            guard let tag = ifMatch, tag != "*" else { return nil }
            guard tag.hasPrefix("\""), tag.hasSuffix("\""), let version = Int64(tag.dropFirst().dropLast()) else {
                throw AdminProblem(412, "version_changed", "if-match has no etag of this page; read it again")
            }
            return version
        }
    }
}

extension AdminProblem {
    /// The refusal of a change or of a look at keys.
    init(_ problem: KeyProblem) {
        switch problem {
        case .invalid(let member, let message): self = .invalid(message, param: member)
        case .store(let error): self.init(error)
        }
    }

    /// The refusal of the store.
    init(_ error: LedgerError) {
        let message = "\(error)"
        switch error {
        case .keyNotFound: self.init(404, "not_found", message, param: "id")
        case .ambiguousKeyName: self.init(409, "ambiguous_name", message, param: "id")
        case .nameTaken: self.init(409, "name_taken", message, param: "name")
        case .keyRevoked: self.init(409, "key_revoked", message)
        case .duplicateKey: self.init(409, "duplicate_key", message)
        case .tooManyGrants: self.init(409, "too_many_grants", message)
        case .keyChanged: self.init(412, "version_changed", message)
        case .otherTeam: self = .forbidden("other_team", message)
        case .textTooLong(let member, _, _), .unreadableText(let member): self = .invalid(message, param: member)
        case .tooManyModels: self = .invalid(message, param: "models")
        case .cannotOpen, .newerDatabase, .olderDatabase, .noLedger, .fileExists, .folderInUse, .busy, .diskFull,
            .damaged, .inUse, .foreignJournal, .journalFull, .failed, .noRoomForBackup:
            self.init(503, "store_unavailable", message, type: "service_unavailable_error")
        }
    }
}
