import Clocks

/// Who changes something, and from where.
package struct AuditActor: Sendable, Hashable {
    /// The name of a token of the admin API, or `local:USER` for a user of the operating system.
    package let name: String
    /// The IP address of a client, or `cli`.
    package let origin: String

    /// An actor with these facts.
    package init(name: String, origin: String) {
        self.name = name
        self.origin = origin
    }
}

/// The kind of a change; the raw value is stored.
package enum AuditAction: String, Sendable, CaseIterable {
    case createKey = "key.create"
    case updateKey = "key.update"
    case rotateKey = "key.rotate"
    case suspendKey = "key.suspend"
    case resumeKey = "key.resume"
    case revokeKey = "key.revoke"
    case grant = "key.grant"
    case credit = "usage.credit"
    case reprice = "usage.reprice"
    case reload = "config.reload"
    case cancelRequest = "request.cancel"
    case backup = "backup.download"
}

/// A change in the audit log.
package struct AuditEntry: Sendable, Equatable {
    /// The key that was changed.
    package struct Subject: Sendable, Equatable {
        /// The public id.
        package let id: String
        /// The name after the change.
        package let name: String
    }

    /// The place in the log; later entries have larger ones.
    package let number: Int64
    /// The time of the change.
    package let at: Timestamp
    /// Who made it.
    package let actor: AuditActor
    /// What was done, an `AuditAction` or the one of a newer version.
    package let action: String
    /// The key; nil for a change of no single key.
    package let subject: Subject?
    /// The changed members before the change, as a JSON object. No secret and no digest is in it.
    package let before: String
    /// The same after the change.
    package let after: String
}
