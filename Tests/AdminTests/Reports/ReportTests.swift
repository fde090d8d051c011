import Foundation
import Testing

@testable import Admin

@Suite struct ReportTests {
    private func members(_ report: some Encodable) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    }

    @Test func aStatusHasTheseMembers() throws {
        let members = try members(FixedReports(reasons: ["no disk"], warnings: ["old keys"]).report)
        #expect(members["version"] as? String == "1.2.3")
        #expect(members["uptime_seconds"] as? Int == 61)
        #expect(members["listening"] as? [String] == ["http://127.0.0.1:8080"])
        #expect(members["upstream"] as? String == "https://example.com/v1")
        #expect(members["connections"] as? Int == 4)
        #expect(members["pending_rows"] as? Int == 2)
        #expect(members["ready"] as? Bool == false)
        #expect(members["reasons"] as? [String] == ["no disk"])
        #expect(members["warnings"] as? [String] == ["old keys"])
        #expect((members["states"] as? [Any])?.isEmpty == true)
        #expect(members["lost_events"] as? Int == 0)
        #expect(members.count == 14)
    }

    @Test func aGatewayWithoutReasonsIsReady() throws {
        #expect(FixedReports().report.ready)
        #expect(!FixedReports(reasons: ["x"]).report.ready)
    }

    @Test func aStatusReadsItsOwnJSON() throws {
        let status = FixedReports(reasons: ["x"]).report
        #expect(try JSONDecoder().decode(StatusReport.self, from: JSONEncoder().encode(status)) == status)
    }

    @Test func aStatusWithoutWarningsIsRead() throws {
        var members = try members(FixedReports().report)
        members["warnings"] = nil
        let status = try JSONDecoder().decode(
            StatusReport.self, from: JSONSerialization.data(withJSONObject: members))
        #expect(status.warnings == nil)
        #expect(status.version == "1.2.3")
    }

    @Test func aLimitHasTheseMembers() throws {
        var members = try members(FixedReports.limit)
        #expect(members.removeValue(forKey: "percent") as? Int == FixedReports.limit.percent)
        #expect(
            members as? [String: String] == [
                "scope": "key", "subject": "k1", "tier": "free", "limit": "requests_per_day", "allowed": "10",
                "used": "3", "reserved": "1", "left": "6", "window_start": "2026-11-27T00:00:00Z",
                "window_end": "2026-11-28T00:00:00Z",
            ])
    }

    @Test func absentMembersAreLeftOut() throws {
        let members = try members(FixedReports.accountLimit)
        #expect(members["subject"] == nil)
        #expect(members["window_start"] == nil)
        #expect(members["window_end"] == nil)
    }

    @Test func limitsReadTheirOwnJSON() throws {
        let report = LimitsReport(limits: [FixedReports.limit, FixedReports.accountLimit], total: 9)
        #expect(try JSONDecoder().decode(LimitsReport.self, from: JSONEncoder().encode(report)) == report)
    }
}
