import HTTP1
import HTTPServer
import Loopback
import Metrics
import Testing
import Transport

@testable import Admin

/// A gateway with given reports.
struct FixedReports: StatusReporting, LimitsReporting, ConfigurationReporting, EventsReporting {
    var reasons: [String] = []
    var warnings: [String] = []
    let shown = "data: ./data\n"

    var report: StatusReport {
        StatusReport(
            version: "1.2.3", uptimeSeconds: 61, listening: ["http://127.0.0.1:8080"],
            upstream: "https://example.com/v1",
            connections: 4, pendingRows: 2, reasons: reasons, warnings: warnings)
    }

    static let limit = LimitsReport.Limit(
        scope: "key", subject: "k1", tier: "free", limit: "requests_per_day", allowed: "10", used: "3", reserved: "1",
        left: "6", percent: 40, windowStart: "2026-11-27T00:00:00Z", windowEnd: "2026-11-28T00:00:00Z")

    static let accountLimit = LimitsReport.Limit(
        scope: "account", subject: nil, tier: "monthly", limit: "eur_per_month", allowed: "5.00", used: "0.01",
        reserved: "0.00", left: "4.99", percent: 0)

    /// Events with the numbers 1 to 5, and no more; none after 1000, as where the store cannot be read.
    func events(after: Int64?, limit: Int) -> EventsReport? {
        if let after, after >= 1000 { return nil }
        let numbers = (1...5).filter { $0 > after ?? 0 }
        let chosen = after == nil ? numbers.suffix(limit) : numbers.prefix(limit)
        return EventsReport(
            events: chosen.map { Self.event(Int64($0)) }, next: chosen.last.map { Int64($0) } ?? after ?? 0)
    }

    static func event(_ number: Int64) -> EventsReport.Entry {
        EventsReport.Entry(
            number: number, at: "2026-11-27T00:00:00Z", kind: "limit.refused", severity: "warning", subject: "k1",
            subjectName: "alice", cause: "quota_exceeded", facts: ["limit": "tokens_per_day"])
    }

    func report(ofKey id: String?) -> LimitsReport? {
        switch id {
        case nil: LimitsReport(limits: [Self.limit, Self.accountLimit])
        case "k1": LimitsReport(limits: [Self.limit])
        default: nil
        }
    }
}

/// Admin pages with a metric, on 127.0.0.1 and for the host `admin`, and with `token` where one is given.
func adminPages(token: String? = nil, reasons: [String] = []) -> AdminPages {
    let registry = MetricRegistry()
    registry.counter("things_total", "Things.").add(3)
    let reports = FixedReports(reasons: reasons)
    return AdminPages(
        registry: registry, access: AdminAccess(token: token, listen: "127.0.0.1", hosts: ["admin"]), status: reports,
        limits: reports, configuration: reports, events: reports)
}
