import Admin
import Foundation
import Testing

@testable import propylon

@Suite struct StatusReportTests {
    private var report = StatusReport(
        version: "1.2", uptimeSeconds: 61, listening: ["http://a:1", "https://b:2"], upstream: "https://c/v1",
        connections: 7, pendingRows: 3, reasons: [])

    private let time = TimeText(zone: .gmt)

    @Test func textHasALineForEachFact() throws {
        #expect(
            try report.text(time) == """
                version      1.2
                uptime       61 s
                listening    http://a:1, https://b:2
                upstream     https://c/v1
                connections  7
                ledger       3 rows not on the disk yet
                ready        yes

                """)
    }

    @Test func reasonsAndWarningsAreShown() throws {
        var report = report
        report.ready = false
        report.reasons = ["the ledger takes no rows", "the gateway is shutting down"]
        report.warnings = ["changes of keys do not take effect: locked"]
        #expect(
            try report.text(time).hasSuffix(
                """
                ready        no: the ledger takes no rows; the gateway is shutting down
                warning      changes of keys do not take effect: locked

                """))
    }

    @Test func lostEventsAreShown() throws {
        var report = report
        report.lostEvents = 2
        #expect(
            try report.text(time).hasSuffix("events       2 lost since the start: too many waited for the ledger\n"))
        #expect(String(decoding: report.json, as: UTF8.self).contains(#""lost_events" : 2"#))
    }

    @Test func statesAreShown() throws {
        var report = report
        report.states = [
            StatusReport.State(
                name: "https://u", failing: true, lastSuccess: "2026-11-27T10:00:00Z",
                lastFailure: "2026-11-27T11:00:00Z", cause: "upstream_certificate", detail: "self-signed"),
            StatusReport.State(
                name: "https://u, key 1", failing: false, lastSuccess: "2026-11-27T10:00:00Z",
                restsUntil: "2026-11-27T12:00:00Z"),
            StatusReport.State(name: "store", failing: false),
        ]
        let paris = TimeText(zone: try #require(TimeZone(identifier: "Europe/Paris")))
        #expect(
            try report.text(paris).hasSuffix(
                """
                state        https://u: fails, last success 2026-11-27T11:00:00+01:00, last failure 2026-11-27T12:00:00+01:00 \
                (upstream_certificate: self-signed)
                state        https://u, key 1: works, rests until 2026-11-27T13:00:00+01:00, last success 2026-11-27T11:00:00+01:00
                state        store: not used yet

                """))
    }

    @Test func whatExpiresIsShown() throws {
        var report = report
        func certificate(_ owner: String, _ use: String, _ days: Int) -> StatusReport.Certificate {
            StatusReport.Certificate(
                owner: owner, use: use, file: "/f.pem", subject: "CN=c", expiresAt: "2026-12-01T10:00:00Z",
                secondsLeft: days * 86_400)
        }
        report.certificates = [certificate("a:1", "certificate", 1), certificate("upstream", "ca_file", -1)]
        report.expiringKeys = [
            StatusReport.ExpiringKey(id: "abcdefghjk", name: "ada", expiresAt: "2026-12-02T10:00:00Z")
        ]
        report.expiringKeyCount = 4
        let paris = TimeText(zone: try #require(TimeZone(identifier: "Europe/Paris")))
        #expect(
            try report.text(paris).hasSuffix(
                """
                certificate  a:1: expires on 2026-12-01T11:00:00+01:00 (CN=c in /f.pem)
                certificate  upstream ca_file: has expired on 2026-12-01T11:00:00+01:00 (CN=c in /f.pem)
                key          ada (abcdefghjk) expires on 2026-12-02T11:00:00+01:00
                keys         3 more expire within 14 days

                """))
        let text = String(decoding: report.json, as: UTF8.self)
        for member in ["seconds_left", "expires_at", "expiring_keys", "expiring_key_count"] {
            #expect(text.contains("\"\(member)\""))
        }
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(report.json)) == report)
    }

    @Test func jsonIsReadAgain() throws {
        let text = String(decoding: report.json, as: UTF8.self)
        #expect(text.contains(#""uptime_seconds" : 61"#))
        #expect(text.contains(#""pending_rows" : 3"#))
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(report.json)) == report)
    }

    @Test func anOlderGatewayHasNoWarnings() throws {
        let text = #"""
            {"version": "0", "uptime_seconds": 1, "listening": [], "upstream": "u", "connections": 0,
            "pending_rows": 0, "ready": true, "reasons": []}
            """#
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(text.utf8)).warnings == nil)
    }
}
