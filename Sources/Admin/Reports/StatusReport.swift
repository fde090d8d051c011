/// The state of the gateway, as `/admin/v1/status` and `propylon status` show it.
package struct StatusReport: Codable, Equatable, Sendable {
    /// The program's version.
    package var version: String
    /// Seconds since the gateway started.
    package var uptimeSeconds: Int
    /// Addresses of the listeners.
    package var listening: [String]
    /// The upstream's URL, or the sandbox's address.
    package var upstream: String
    /// Open connections of clients.
    package var connections: Int
    /// Rows that are not in the ledger yet.
    package var pendingRows: Int
    /// True where the gateway serves requests.
    package var ready: Bool
    /// Reasons why it does not; empty while `ready`.
    package var reasons: [String]
    /// Faults that do not stop the gateway; nil in a report of a gateway that does not have this member.
    package var warnings: [String]?

    private enum CodingKeys: String, CodingKey {
        case version, listening, upstream, connections, ready, reasons, warnings
        case uptimeSeconds = "uptime_seconds"
        case pendingRows = "pending_rows"
    }

    /// - Parameter reasons: reasons not to serve; `ready` is true without any.
    package init(
        version: String, uptimeSeconds: Int, listening: [String], upstream: String, connections: Int,
        pendingRows: Int, reasons: [String], warnings: [String] = []
    ) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.listening = listening
        self.upstream = upstream
        self.connections = connections
        self.pendingRows = pendingRows
        self.reasons = reasons
        self.warnings = warnings
        ready = reasons.isEmpty
    }
}

/// The source of the status page and of the readiness page.
package protocol StatusReporting: Sendable {
    /// The state now. Called on the admin loop, for each request.
    var report: StatusReport { get }
}
