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
    /// The upstream, its fallbacks, their keys and the store, as requests found them; nil as `warnings`.
    package var states: [State]?

    /// The certificates of the files that the gateway uses, for each file the first to expire; nil as `warnings`.
    package var certificates: [Certificate]?
    /// The active keys that expire within 14 days, the first to expire first, at most 20; nil as `warnings`.
    package var expiringKeys: [ExpiringKey]?
    /// The number of all active keys that expire within 14 days; nil as `warnings`.
    package var expiringKeyCount: Int?
    /// Events since the start that the ledger does not have, since too many waited for it; nil as `warnings`.
    package var lostEvents: Int?

    /// A certificate in use.
    package struct Certificate: Codable, Equatable, Sendable {
        /// The address of the listener, or `upstream`.
        package var owner: String
        /// The member of the configuration that names the file: `certificate`, `client_ca` or `ca_file`.
        package var use: String
        /// The file.
        package var file: String
        /// The subject, as `CN=gateway.example`.
        package var subject: String
        /// The end of its validity in UTC.
        package var expiresAt: String
        /// Seconds until then, negative after.
        package var secondsLeft: Int

        private enum CodingKeys: String, CodingKey {
            case owner, use, file, subject
            case expiresAt = "expires_at"
            case secondsLeft = "seconds_left"
        }

        /// A certificate of these members.
        package init(
            owner: String, use: String, file: String, subject: String, expiresAt: String, secondsLeft: Int
        ) {
            self.owner = owner
            self.use = use
            self.file = file
            self.subject = subject
            self.expiresAt = expiresAt
            self.secondsLeft = secondsLeft
        }
    }

    /// A key that expires soon.
    package struct ExpiringKey: Codable, Equatable, Sendable {
        /// The id.
        package var id: String
        /// The name.
        package var name: String
        /// The end of its validity in UTC.
        package var expiresAt: String

        private enum CodingKeys: String, CodingKey {
            case id, name
            case expiresAt = "expires_at"
        }

        /// A key of these members.
        package init(id: String, name: String, expiresAt: String) {
            self.id = id
            self.name = name
            self.expiresAt = expiresAt
        }
    }

    /// The state of something that requests need.
    package struct State: Codable, Equatable, Sendable {
        /// The URL of an upstream without its path, one of its keys by its place, or `store`.
        package var name: String
        /// True from the first failure on, until a success some time after the last one.
        package var failing: Bool
        /// The last success in UTC; nil without one.
        package var lastSuccess: String?
        /// The last failure in UTC; nil without one.
        package var lastFailure: String?
        /// The cause of the last failure.
        package var cause: String?
        /// The particulars of the last failure in words.
        package var detail: String?
        /// The time in UTC until which a key is not used; nil where it may be.
        package var restsUntil: String?

        private enum CodingKeys: String, CodingKey {
            case name, failing, cause, detail
            case lastSuccess = "last_success"
            case lastFailure = "last_failure"
            case restsUntil = "rests_until"
        }

        /// A state of these members.
        package init(
            name: String, failing: Bool, lastSuccess: String? = nil, lastFailure: String? = nil, cause: String? = nil,
            detail: String? = nil, restsUntil: String? = nil
        ) {
            self.name = name
            self.failing = failing
            self.lastSuccess = lastSuccess
            self.lastFailure = lastFailure
            self.cause = cause
            self.detail = detail
            self.restsUntil = restsUntil
        }
    }

    private enum CodingKeys: String, CodingKey {
        case version, listening, upstream, connections, ready, reasons, warnings, states, certificates
        case expiringKeys = "expiring_keys"
        case expiringKeyCount = "expiring_key_count"
        case uptimeSeconds = "uptime_seconds"
        case pendingRows = "pending_rows"
        case lostEvents = "lost_events"
    }

    /// - Parameter reasons: reasons not to serve; `ready` is true without any.
    package init(
        version: String, uptimeSeconds: Int, listening: [String], upstream: String, connections: Int,
        pendingRows: Int, reasons: [String], warnings: [String] = [], states: [State] = [],
        certificates: [Certificate] = [], expiringKeys: [ExpiringKey] = [], expiringKeyCount: Int = 0,
        lostEvents: Int = 0
    ) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.listening = listening
        self.upstream = upstream
        self.connections = connections
        self.pendingRows = pendingRows
        self.reasons = reasons
        self.warnings = warnings
        self.states = states
        self.certificates = certificates
        self.expiringKeys = expiringKeys
        self.expiringKeyCount = expiringKeyCount
        self.lostEvents = lostEvents
        ready = reasons.isEmpty
    }
}

/// The source of the status page and of the readiness page.
package protocol StatusReporting: Sendable {
    /// The state now. Called on the admin loop, for each request.
    var report: StatusReport { get }
}
