import Admin
import Clocks
import Foundation
import Policy
import Store
import Testing

@testable import propylon

@Suite struct EventTextTests {
    private func entry(_ event: Event, name: String? = nil) -> EventsReport.Entry {
        EventsReport.Entry(NumberedEvent(7, event, keyName: name))
    }

    @Test func aLineHasEverythingInTheConfiguredZone() throws {
        let event = Event(
            at: Timestamp(seconds: 1_795_428_000), .upstreamKeyResting, "https://u, key 1", cause: .upstreamKeyLimited,
            detail: "a\n\u{1B}[31m", count: 3, facts: [Event.Fact("until", .time(Timestamp(seconds: 1_795_428_060)))])
        let paris = TimeText(zone: try #require(TimeZone(identifier: "Europe/Paris")))
        #expect(
            try entry(event).text(paris)
                == "2026-11-23T11:00:00+01:00 warning upstream.key_resting https://u, key 1 count=3 "
                + "cause=upstream_key_limited until=2026-11-23T11:01:00+01:00: a??[31m")
    }

    @Test func aKeyHasItsName() throws {
        let event = Event(at: Timestamp(seconds: 0), .limitRefused, "id", facts: [Event.Fact("percent", .number(80))])
        #expect(
            try entry(event, name: "alice").text(TimeText(zone: .gmt))
                == "1970-01-01T00:00:00Z warning limit.refused alice (id) percent=80")
    }

    @Test(arguments: EventKind.allCases) func everyKindIsJSON(kind: EventKind) throws {
        let entry = entry(Event(at: Timestamp(seconds: 0), kind, "s", cause: .quota))
        #expect(try JSONDecoder().decode(EventsReport.Entry.self, from: Data(entry.line)) == entry)
        #expect(!entry.line.contains(0x0A))
        #expect(entry.meaning == Cause.quota.meaning)
    }
}
