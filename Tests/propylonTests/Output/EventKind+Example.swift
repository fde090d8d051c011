import Clocks

@testable import Policy

/// An example of each kind, for `config/events.md`: made by the same code as real events where that is a function of its own.
extension EventKind {
    var example: NumberedEvent {
        let isAboutKey = [.limitReached, .limitRefused, .keyExpiring].contains(self)
        return NumberedEvent(
            17, event, keyName: isAboutKey ? "alice" : nil, keyTeam: isAboutKey ? "research" : nil)
    }

    private var event: Event {
        let now = Timestamp(seconds: 1_795_861_163)
        let upstream = "https://api.ai.cloud-temple.com"
        switch self {
        case .limitReached:
            let day: Range<Int64> = 1_795_820_400..<1_795_906_800
            return Event(
                LimitAlert(
                    subject: "abcdefghjk", scope: .key, part: .model("gpt-oss:*"), kind: .budgetPerDay, percent: 80,
                    limit: 2_000_000_000, used: 1_612_400_000, window: day), at: now)
        case .limitRefused:
            let key = KeyRecord(
                id: "abcdefghjk", name: "alice", tier: "student", team: "research", createdAt: now,
                digest: KeyDigest(1, 2, 3, 4))
            let refusal = LimitRefusal(
                scope: .key, part: nil, kind: .outputTokensPerDay, limit: 100_000, used: 99_000, reserved: 0,
                asked: 4096,
                remedy: .wait(microseconds: 45_637_000_000))
            return Event(refusal, of: key, cause: .quota, at: now)
        case .upstreamUnreachable:
            return Event(
                at: now, self, upstream, cause: .upstreamConnectionRefused, detail: "connect: Connection refused")
        case .upstreamRecovered: return Event(at: now, self, upstream, cause: .upstreamConnectionRefused, count: 12)
        case .upstreamKeyRefused: return Event(at: now, self, "\(upstream), key 1", cause: .upstreamKeyRefused)
        case .upstreamKeyResting:
            return Event(
                at: now, self, "\(upstream), key 2", cause: .upstreamKeyLimited,
                facts: [Event.Fact("until", .time(now + .seconds(60)))])
        case .upstreamKeyRestored:
            return Event(at: now, self, "\(upstream), key 2", cause: .upstreamKeyLimited, count: 3)
        case .storeUnavailable: return Event(at: now, self, "store", cause: .storeUnavailable)
        case .storeRecovered: return Event(at: now, self, "store", cause: .storeUnavailable, count: 144)
        case .configurationReloaded:
            return Event(
                at: now, self, "configuration", facts: [Event.Fact("changed", .text("tiers, alerts.webhooks"))])
        case .configurationRefused:
            return Event(at: now, self, "configuration", detail: "propylon.yaml:3:9: limits: there is no such member")
        case .keyExpiring: return Event(at: now, self, "abcdefghjk")
        case .certificateExpiring: return Event(at: now, self, "/etc/propylon/tls/gateway.pem")
        case .alertsUndelivered: return Event(at: now, self, "webhook 1", detail: "HTTP status 503")
        case .alertsRecovered: return Event(at: now, self, "webhook 1", count: 4)
        case .alertsGivenUp: return Event(at: now, self, "webhook 1", detail: "HTTP status 503", count: 7)
        case .alertsTest: return Event(at: now, self, "propylon")
        }
    }
}
