import Bytes
import Foundation
import Policy

/// The whole configuration, read and checked. The initial values are the defaults, and stand nowhere else.
///
/// Each section has its members in the file of its name, each member once: see `Member`.
package struct Configuration: Sendable, Equatable {
    /// `listen`: the public listeners, one at least.
    package var listen = [ListenAddress(host: "127.0.0.1", port: 8080)]
    /// `admin`
    package var admin = Admin()
    /// `data`
    package var data = "./data"
    /// `time_zone`: Europe/Paris, or UTC on a machine without the IANA database.
    package var timeZone = TimeZone(identifier: "Europe/Paris") ?? .gmt
    /// `machine_name`: printable ASCII.
    package var machineName: String
    /// `cors`
    package var cors = CORS()
    /// `trusted_proxies`: IP addresses and blocks of them.
    package var trustedProxies: [String] = []
    /// `upstream`
    package var upstream = Upstream()
    /// `limits`
    package var limits = Limits()
    /// `default_tier`: a tier that exists.
    package var defaultTier = "monthly"
    /// `tiers`: the vendor's tiers with the changes of the file, and the tiers that it adds.
    package var tiers = TierTable.vendor
    /// `teams`: the tier of each team, which exists, by the team's name.
    package var teams: [String: String] = [:]
    /// `models`
    package var models = Models()
    /// `metering`
    package var metering = Metering()
    /// `alerts`
    package var alerts = Alerts()
    /// `metrics`
    package var metrics = Metrics()
    /// `telemetry`
    package var telemetry = Telemetry()
    /// `log`
    package var log = Log()

    /// The defaults on the machine `machineName`.
    init(machineName: String) { self.machineName = machineName }

    /// All members, in the order of the file.
    static var members: [Member<Configuration>] {
        [
            .listeners,
            Member(section: \.admin, "admin", Admin.members, "The admin listener: metrics, health and admin API."),
            Member(
                \.data, "data", .path,
                "Folder of the ledger, the keys, the journal and temporary files. Created if missing.",
                takesEffect: .restart),
            Member(
                \.timeZone, "time_zone", .timeZone,
                "Zone in which hours, days, weeks and months begin, and in which people read times: in commands, messages and logs of the "
                    + "format `text`."),
            Member(
                \.machineName, "machine_name", .printable(limit: 64),
                "Name of this gateway in the `backend` header of its own responses.", default: "the host's name"),
            Member(section: \.cors, "cors", CORS.members, "Browser apps that call the gateway from other sites."),
            Member(
                list: \.trustedProxies, "trusted_proxies", .addressBlock,
                "Proxies in front of the gateway, by address or block. From them alone `X-Forwarded-For` is believed, from right to "
                    + "left up to the first address that is none of theirs: it is the client's in the access log.",
                example: """
                    trusted_proxies: [127.0.0.1, 10.0.0.0/8, "2001:db8::/32"]
                    """),
            Member(section: \.upstream, "upstream", Upstream.members, "The API that the gateway forwards requests to."),
            Member(
                section: \.limits, "limits", Limits.members,
                "Bounds on the memory and time that clients can use."),
            Member(
                \.defaultTier, "default_tier", .text,
                "Tier of the first key and of keys that are created without `--tier`."
            ),
            .tiers,
            .teams,
            Member(section: \.models, "models", Models.members, "Names, prices and energy of models."),
            Member(section: \.metering, "metering", Metering.members, "Counting of usage."),
            Member(
                section: \.alerts, "alerts", Alerts.members,
                "Recipients of events, beside the log and `propylon events`. Each event is kept until it is delivered."),
            Member(
                section: \.metrics, "metrics", Metrics.members,
                "Bounds on the series of `GET /metrics`, and of the metrics for a collector."),
            Member(
                section: \.telemetry, "telemetry", Telemetry.members,
                "Traces and metrics for an OpenTelemetry collector; see config/telemetry.md."),
            Member(
                section: \.log, "log", Log.members,
                "Messages on standard error, and the access log."),
        ]
    }
}

extension Configuration {
    /// The part of the configuration that the `Policy` room uses.
    package var policies: Policies {
        Policies(
            tiers: tiers, defaultTier: defaultTier, teams: teams, models: ModelTable(aliases: models.aliases),
            prices: models.prices.list(in: timeZone), energy: EnergyTable(overriding: models.energyOverrides))
    }
}
