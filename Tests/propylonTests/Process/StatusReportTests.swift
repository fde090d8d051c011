import Admin
import Foundation
import Testing

@testable import propylon

@Suite struct StatusReportTests {
    private var report = StatusReport(
        version: "1.2", uptimeSeconds: 61, listening: ["http://a:1", "https://b:2"], upstream: "https://c/v1",
        connections: 7, pendingRows: 3, reasons: [])

    @Test func textHasALineForEachFact() {
        #expect(
            report.text == """
                version      1.2
                uptime       61 s
                listening    http://a:1, https://b:2
                upstream     https://c/v1
                connections  7
                ledger       3 rows not on the disk yet
                ready        yes

                """)
    }

    @Test func reasonsAndWarningsAreShown() {
        var report = report
        report.ready = false
        report.reasons = ["the ledger takes no rows", "the gateway is shutting down"]
        report.warnings = ["changes of keys do not take effect: locked"]
        #expect(
            report.text.hasSuffix(
                """
                ready        no: the ledger takes no rows; the gateway is shutting down
                warning      changes of keys do not take effect: locked

                """))
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
