import Clocks
import Policy
import Settings
import Store

/// Everything that can be done with keys, for the command line, imports and the admin API.
///
/// The rules say what the configuration allows, and the store keeps it, with names, bounds and the audit log. Calls block for a
/// transaction: do not make them on an event loop.
struct KeyService {
    let store: KeyStore
    let rules: KeyRules

    /// The facts of a new key, as `KeyRules` read them.
    struct Draft {
        var name: String
        /// Nil for the default tier.
        var tier: String?
        var team: String?
        var expiresAt: Timestamp?
        var models: [String]?
        var limits: [LimitKind: Int64] = [:]
    }

    /// A key whose secret is new. It can be shown now and never again.
    struct Issued {
        let key: APIKey
        let record: KeyRecord
    }

    /// The keys of `database` as `actor` sees and changes them, by the rules of `configuration` at `now`.
    ///
    /// - Parameters:
    ///   - team: the only team whose keys exist for the actor; nil for all.
    ///   - version: the version of the key that the actor has read; nil for any.
    init(
        _ database: LedgerDatabase, _ configuration: Configuration, by actor: AuditActor, team: String? = nil,
        expecting version: Int64? = nil, at now: Timestamp
    ) {
        store = KeyStore(database, by: actor, team: team, expecting: version)
        rules = KeyRules(
            policies: configuration.policies, visibleTeam: team, time: configuration.timeText, now: now)
    }

    /// Creates a key with a new secret.
    func create(_ draft: Draft) throws(KeyProblem) -> Issued {
        let (key, record) = new(draft)
        return Issued(key: key, record: try stored { () throws(LedgerError) in try store.create(record) })
    }

    /// The record of a key that does not exist yet.
    func new(_ draft: Draft) -> (APIKey, KeyRecord) {
        let key = APIKey.generate()
        let record = KeyRecord(
            id: key.id, name: draft.name, tier: draft.tier ?? rules.policies.defaultTier, team: draft.team,
            models: draft.models, createdAt: rules.now, expiresAt: draft.expiresAt,
            limits: KeyLimits(own: draft.limits), digest: key.digest)
        return (key, record)
    }

    /// Finds a key by its id or a name that only one has.
    func find(_ key: String) throws(KeyProblem) -> KeyRecord {
        try stored { () throws(LedgerError) in try store.find(key) }
    }

    /// Changes members of a key.
    func update(_ key: String, _ changes: KeyChanges) throws(KeyProblem) -> KeyRecord {
        try stored { () throws(LedgerError) in try store.update(key, changes, at: rules.now) }
    }

    /// Gives a key a new secret. The old one works for `grace`, and those of earlier rotations until their own ends.
    func rotate(_ key: String, grace: Duration) throws(KeyProblem) -> Issued {
        let before = try find(key)
        let rotated = APIKey.rotated(id: before.id)
        let record = try stored { () throws(LedgerError) in
            try store.rotate(
                before.id, newDigest: rotated.digest, graceUntil: rules.now + grace, at: rules.now)
        }
        return Issued(key: rotated, record: record)
    }

    /// Ends a key for good.
    func revoke(_ key: String) throws(KeyProblem) -> KeyRecord {
        try stored { () throws(LedgerError) in try store.revoke(key, at: rules.now) }
    }

    /// Refuses a key until it is resumed.
    func suspend(_ key: String) throws(KeyProblem) -> KeyRecord {
        try stored { () throws(LedgerError) in try store.suspend(key, at: rules.now) }
    }

    /// Lets a suspended key work again.
    func resume(_ key: String) throws(KeyProblem) -> KeyRecord {
        try stored { () throws(LedgerError) in try store.resume(key, at: rules.now) }
    }

    /// Raises limits of a key until `end`, and ends the grants of those that are `none`.
    ///
    /// - Parameter end: as `KeyRules.grantEnd` reads it; nil where nothing is raised.
    func grant(_ key: String, _ arguments: [LimitArgument], until end: String?) throws(KeyProblem) -> KeyRecord {
        let raises = arguments.filter { !$0.isNone }
        var grants: [LimitGrant] = []
        if !raises.isEmpty {
            guard let end else {
                throw .invalid(member: "until", message: "a grant needs its end: 24h, week, month or a date")
            }
            grants = try rules.grants(raises, of: find(key), until: rules.grantEnd(end))
        }
        return try stored { [grants] () throws(LedgerError) in
            try store.grant(key, grants, ending: arguments.filter(\.isNone).map(\.kind), at: rules.now)
        }
    }

    private func stored<Result>(
        _ body: () throws(LedgerError) -> Result
    ) throws(KeyProblem) -> Result {
        do throws(LedgerError) { return try body() } catch { throw KeyProblem(error) }
    }
}
