import HTTP1
import Policy

/// The client of an admin request, for its rights and for the audit log.
package struct AdminCaller: Sendable, Hashable {
    /// The name of its token, `anonymous` where the listener needs none.
    package let name: String
    /// Its rights.
    package let scope: AdminScope

    /// A caller with these facts.
    package init(name: String, scope: AdminScope) {
        self.name = name
        self.scope = scope
    }

    /// A client of a listener without tokens, which is on loopback.
    static let anonymous = AdminCaller(name: "anonymous", scope: .admin)
}
