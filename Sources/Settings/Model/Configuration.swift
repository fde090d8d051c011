import Bytes
import Foundation
import Policy

/// The whole configuration, checked: what is here is possible. The nested types mirror the members of the YAML file,
/// which `config/propylon.yaml` explains; the values here at first are its defaults.
package struct Configuration: Sendable, Equatable {
    /// `listen`: the public listeners, one at least.
    package var listen = [ListenAddress(host: "127.0.0.1", port: 8080)]
    /// `admin`: the admin listener.
    package var admin = Admin()
    /// `data`: the folder of the ledger, the keys and the journal.
    package var data = "./data"
    /// `time_zone`: where hours, days and months begin.
    package var timeZone = Self.defaultTimeZone
    /// `machine_name`: the name in the gateway's own `backend`; printable ASCII.
    package var machineName: String
    /// `upstream`: what the gateway stands in front of.
    package var upstream: Upstream
    /// `limits`: what one caller, and all together, can take of the gateway's memory and time.
    package var limits = Limits()
    /// `default_tier`: the tier of keys that are made without one; it exists.
    package var defaultTier = "monthly"
    /// `tiers`: all tiers, the vendor's with the configuration's changes and those added.
    package var tiers = TierTable.vendor
    /// `teams`: each team's tier, which exists, by the team's name.
    package var teams: [String: String] = [:]
    /// `models`: aliases, prices and energy.
    package var models = Models()
    /// `metering`: how usage is counted.
    package var metering = Metering()
    /// `alerts`: who is told.
    package var alerts = Alerts()
    /// `log`: what is written to standard error.
    package var log = Log()

    /// The vendor's home; UTC where this machine does not know it.
    static let defaultTimeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt

    /// The defaults, with the upstream `upstream` and this machine's name.
    init(upstream: Upstream, machineName: String) {
        self.upstream = upstream
        self.machineName = machineName
    }

    /// The admin listener: dashboard, metrics, admin API.
    package struct Admin: Sendable, Equatable {
        /// `listen`: its address, which is a loopback one where there is no token.
        package var listen = ListenAddress(host: "127.0.0.1", port: 8081)
        /// `token`: what a caller of the admin API has to show.
        package var token: Secret?
    }

    /// The upstream.
    package struct Upstream: Sendable, Equatable {
        /// `base_url`.
        package var baseURL: UpstreamURL
        /// `api_keys`: used in turn; empty where none was given.
        package var apiKeys: [Secret] = []
        /// `tier`: the limits of the account itself, a tier that exists; nil for none.
        package var tier: String?
        /// `connect_timeout`: to a connection, TLS included.
        package var connectTimeout = Duration.seconds(5)
        /// `first_byte_timeout`: from the request's last byte to the answer's first.
        package var firstByteTimeout = Duration.seconds(300)
        /// `idle_timeout`: silence in mid-answer.
        package var idleTimeout = Duration.seconds(120)
        /// `max_connections`: open at one time.
        package var maxConnections = 512
        /// `retries`: further attempts before the first byte, 0…10.
        package var retries = 2
        /// `ca_file`: a PEM file of authorities in place of the system's.
        package var caFile: String?

        init(baseURL: UpstreamURL) { self.baseURL = baseURL }
    }

    /// Limits of the public listeners. Sizes in bytes.
    package struct Limits: Sendable, Equatable {
        /// `header_bytes`: of a request's head.
        package var headerBytes = 32 << 10
        /// `body_bytes`: of a request's body.
        package var bodyBytes = 64 << 20
        /// `upload_bytes`: of the body of an upload of a file.
        package var uploadBytes = 128 << 20
        /// `memory_body_bytes`: of a body that stays in memory.
        package var memoryBodyBytes = 1 << 20
        /// `connections`: open at one time.
        package var connections = 8192
        /// `header_timeout`: from a head's first byte to its last.
        package var headerTimeout = Duration.seconds(10)
        /// `body_timeout`: without progress in a body.
        package var bodyTimeout = Duration.seconds(60)
        /// `idle_timeout`: between two requests.
        package var idleTimeout = Duration.seconds(75)
        /// `drain_timeout`: what a shutdown gives to the answers under way.
        package var drainTimeout = Duration.seconds(30)
        /// `reset_format`.
        package var resetFormat = ResetFormat.unix
    }

    /// How `x-ratelimit-reset-*` is written.
    package enum ResetFormat: String, Sendable, CaseIterable {
        /// As seconds since 1970, as the upstream does.
        case unix
        /// As a duration like `6m0s`, as OpenAI does.
        case duration
    }

    /// Names, prices and energy of models.
    package struct Models: Sendable, Equatable {
        /// `aliases`: no target is itself an alias.
        package var aliases: [String: String] = [:]
        /// `prices`: the vendor's with the configuration's changes.
        package var prices = PriceList.vendor
        /// `energy_kwh_per_million_tokens`: the configuration's own numbers, in nanowatt-hours of one token.
        package var energyOverrides: [String: Int64] = [:]
    }

    /// How usage is counted.
    package struct Metering: Sendable, Equatable {
        /// `on_disconnect`.
        package var onDisconnect = OnDisconnect.finish
        /// `user_header`: the header that names the user where the body does not; in lower case.
        package var userHeader = "x-propylon-user"
        /// `retention`: older rows are folded into daily totals; nil to keep every row.
        package var retention: Duration? = .seconds(400 * 86_400)
    }

    /// What happens upstream when a caller goes away in mid-answer.
    package enum OnDisconnect: String, Sendable, CaseIterable {
        /// The answer is read to its end, within bounds, so that its usage is exact.
        case finish
        /// The upstream's connection is closed at once; the usage is estimated.
        case cancel
    }

    /// Who is told.
    package struct Alerts: Sendable, Equatable {
        /// `webhook`: an http or https URL that alerts are posted to. It may hold a token of its own, so it is not
        /// shown.
        package var webhook: Secret?
        /// `secret`: signs what is posted, with HMAC-SHA256.
        package var secret: Secret?
    }

    /// What is written to standard error.
    package struct Log: Sendable, Equatable {
        /// `level`.
        package var level = LogLevel.info
        /// `format`; nil for text on a terminal and JSON elsewhere.
        package var format: LogFormat?
        /// `access`: whether each request is a line.
        package var access = true
        /// `access_file`: where these lines go instead of standard error.
        package var accessFile: String?
    }

    /// The least severe messages that are written. The names are those of swift-log.
    package enum LogLevel: String, Sendable, CaseIterable {
        /// Every step.
        case trace
        /// What helps to find a fault in the gateway.
        case debug
        /// What happens in normal work.
        case info
        /// Normal, but worth a look.
        case notice
        /// Not an error yet.
        case warning
        /// Something failed.
        case error
        /// The gateway cannot go on.
        case critical
    }

    /// How a message is written.
    package enum LogFormat: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case json
        /// One line for people.
        case text
    }
}

extension Configuration {
    /// What the `Policy` room has to know of the configuration.
    package var policies: Policies {
        Policies(
            tiers: tiers, defaultTier: defaultTier, teams: teams, models: ModelTable(aliases: models.aliases),
            prices: models.prices, energy: EnergyTable(overriding: models.energyOverrides))
    }
}
