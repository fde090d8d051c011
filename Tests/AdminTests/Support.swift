import Foundation
import HTTP1
import HTTPServer
import Loopback
import Metrics
import Policy
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

    func limits(_ query: LimitsReport.Query) -> LimitsReport {
        let limits = [Self.limit, Self.accountLimit].filter { $0.percent >= query.above }
        return LimitsReport(limits: Array(limits.prefix(query.top)), total: limits.count)
    }

    func limits(ofKey idOrName: String) throws(AdminProblem) -> LimitsReport {
        guard ["k1", "ada & co"].contains(idOrName) else {
            throw AdminProblem(404, "not_found", "there is no key \(idOrName)", param: "id")
        }
        return LimitsReport(limits: [Self.limit], total: 1)
    }
}

/// Admin pages with a metric, on 127.0.0.1 and for the host `admin`, with `token` where one is given, and with `routes` more.
func adminPages(token: String? = nil, reasons: [String] = [], _ routes: [AdminRoute] = []) -> AdminPages {
    let registry = MetricRegistry()
    registry.counter("things_total", "Things.").add(3)
    let reports = FixedReports(reasons: reasons)
    return AdminPages(
        [.metrics(registry), .status(reports), .configuration(reports), .events(reports)]
            + AdminRoute.limits(reports) + routes, access: access(token: token), version: "1.2.3",
        reasonsNotToServe: { reasons })
}

/// The access to a listener on 127.0.0.1 and for the host `admin`, with `token`, which may do everything, and `further` tokens.
func access(token: String?, hosts: [String] = ["admin"], _ further: [AdminToken] = []) -> AdminAccess {
    let own = token.map { AdminToken($0, of: AdminCaller(name: "admin", scope: .admin)) }
    return AdminAccess(tokens: [own].compactMap(\.self) + further, listen: "127.0.0.1", hosts: hosts)
}

/// A response of the pages, as a client reads it.
struct PageResponse {
    var status: Int
    var head: String
    var body: String

    func has(_ field: String) -> Bool { head.contains("\r\n\(field)\r\n") }

    var json: [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] }

    /// The error of the response, if it has one in its shape.
    var error: (message: String, type: String, code: String, param: String?)? {
        guard let error = json?["error"] as? [String: Any], error.count == 4, has("content-type: application/json"),
            let message = error["message"] as? String, let type = error["type"] as? String,
            let code = error["code"] as? String
        else { return nil }
        return (message, type, code, error["param"] as? String)
    }
}

/// A listener with pages.
struct PageServer {
    let address: SocketAddress

    init(_ pages: AdminPages) throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        HTTPServer(loops: [try EventLoop(name: "admin")], limits: ServerLimits(), handler: pages).serve(listener)
    }

    /// Sends a request with the lines `fields`, each with its end, and reads the response.
    func request(
        _ path: String, method: String = "GET", host: String = "host: admin\r\n", version: String = "1.1",
        fields: String = "", body: String? = nil
    ) throws -> PageResponse {
        let client = try RawClient(to: address)
        let length = body.map { "content-length: \($0.utf8.count)\r\n" } ?? ""
        client.send(
            "\(method) \(path) HTTP/\(version)\r\n\(host)connection: close\r\n\(fields)\(length)\r\n\(body ?? "")")
        let text = try #require(client.receiveAll())
        let end = try #require(text.range(of: "\r\n\r\n"))
        let head = String(text[..<end.lowerBound]) + "\r\n"
        return PageResponse(
            status: try #require(Int(head.split(separator: " ")[1])), head: head,
            body: String(text[end.upperBound...]))
    }
}
