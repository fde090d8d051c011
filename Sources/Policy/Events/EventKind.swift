/// The kinds of events: the one table of them. The raw value is in the store, in alerts and in their subscriptions.
///
/// To add a kind, write a case and its row; `config/events.md` and the filters of alerts follow from it.
package enum EventKind: String, Hashable, Sendable, CaseIterable {
    case limitReached = "limit.reached"
    case limitRefused = "limit.refused"
    case upstreamUnreachable = "upstream.unreachable"
    case upstreamRecovered = "upstream.recovered"
    case upstreamKeyRefused = "upstream.key_refused"
    case upstreamKeyResting = "upstream.key_resting"
    case upstreamKeyRestored = "upstream.key_restored"
    case storeUnavailable = "store.unavailable"
    case storeRecovered = "store.recovered"
    case configurationReloaded = "configuration.reloaded"
    case configurationRefused = "configuration.refused"
    case keyExpiring = "key.expiring"
    case certificateExpiring = "certificate.expiring"
    case alertsUndelivered = "alerts.undelivered"
    case alertsRecovered = "alerts.recovered"
    case alertsGivenUp = "alerts.given_up"
    case alertsTest = "alerts.test"

    /// The weight of an event, which is the level of its line in the log.
    package enum Severity: String, Sendable, CaseIterable {
        case notice, warning, error
    }

    /// The weight of the event.
    package var severity: Severity { row.severity }

    /// The event in one sentence without a full stop, for the log and for people.
    package var summary: String { row.summary }

    /// The kinds that match one of `patterns`, in the order of the table.
    package static func matching(_ patterns: [NamePattern]) -> [EventKind] {
        allCases.filter { kind in patterns.contains { $0.matches(kind.rawValue) } }
    }

    private var row: (severity: Severity, summary: String) {
        switch self {
        case .limitReached: (.warning, "a limit is used up to a percentage of alert_at")
        case .limitRefused: (.warning, "a limit refuses requests")
        case .upstreamUnreachable: (.warning, "requests to the upstream fail")
        case .upstreamRecovered: (.notice, "the upstream answers again")
        case .upstreamKeyRefused: (.error, "the upstream refuses one of the gateway's keys")
        case .upstreamKeyResting: (.warning, "one of the gateway's keys is left out for a while")
        case .upstreamKeyRestored: (.notice, "the upstream accepts the key again")
        case .storeUnavailable: (.error, "the store is out of reach, and requests are refused")
        case .storeRecovered: (.notice, "the store can be used again")
        case .configurationReloaded: (.notice, "the configuration is reloaded")
        case .configurationRefused: (.error, "the configuration is not reloaded, nothing has changed")
        case .keyExpiring: (.warning, "a key expires soon")
        case .certificateExpiring: (.warning, "a certificate expires soon")
        case .alertsUndelivered: (.warning, "alerts cannot be delivered, and wait for the next attempt")
        case .alertsRecovered: (.notice, "alerts are delivered again")
        case .alertsGivenUp: (.error, "alerts are given up, since they could not be delivered")
        case .alertsTest: (.notice, "propylon alerts test was called; nothing has happened")
        }
    }
}
