import Gateway
import HTTP1
import HTTPServer
import Metrics
import Transport

/// What `propylon status` shows, asked of the running gateway for each answer.
package struct GatewayStatus: Sendable {
    /// The program's version.
    package var version: String
    /// Seconds since the gateway began to serve.
    package var uptimeSeconds: Int
    /// Where it listens.
    package var listening: [String]
    /// What stands behind it: a URL, or the sandbox's address.
    package var upstream: String
    /// Open connections of callers.
    package var callerConnections: Int
    /// Rows of the ledger that are not on the disk yet.
    package var pendingRows: Int
    /// Why it cannot serve; empty where it can.
    package var reasonsNotToServe: [String]

    /// A status with all its members.
    package init(
        version: String, uptimeSeconds: Int, listening: [String], upstream: String, callerConnections: Int,
        pendingRows: Int,
        reasonsNotToServe: [String]
    ) {
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        self.listening = listening
        self.upstream = upstream
        self.callerConnections = callerConnections
        self.pendingRows = pendingRows
        self.reasonsNotToServe = reasonsNotToServe
    }
}

/// The admin listener's pages. What changes something, and the dashboard, are not here yet.
package final class AdminPages: RequestHandler {
    private let registry: MetricRegistry
    private let token: [UInt8]?
    private let status: @Sendable () -> GatewayStatus
    private let statusJSON: @Sendable (GatewayStatus) -> [UInt8]
    private let limitsJSON: @Sendable (String?) -> [UInt8]?

    /// - Parameters:
    ///   - token: what callers of all pages but the health pages have to present as a bearer token; nil for none.
    ///   - statusJSON: writes a status as JSON.
    ///   - limitsJSON: writes the limits of the key of this id, or of all, as JSON; nil where there is no such key.
    package init(
        registry: MetricRegistry, token: String?, status: @escaping @Sendable () -> GatewayStatus,
        statusJSON: @escaping @Sendable (GatewayStatus) -> [UInt8],
        limitsJSON: @escaping @Sendable (String?) -> [UInt8]?
    ) {
        self.registry = registry
        self.token = token.map { Array($0.utf8) }
        self.status = status
        self.statusJSON = statusJSON
        self.limitsJSON = limitsJSON
    }

    package func respond(to exchange: ServerExchange) async {
        do throws(ExchangeError) { try await exchange.respond(page(for: exchange.head)) } catch { return }
    }

    package func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error): text(error.status, error.message)
        case .headTimeout: text(408, "the request did not come in time")
        case .tooManyConnections: text(503, "too many connections")
        }
    }

    private func page(for head: RequestHead) -> ServerResponse {
        if let page = HealthPage.answer(to: head, reasonsNotToServe: { status().reasonsNotToServe }) { return page }
        let fields = head.fields
        guard isAuthorized(fields) else {
            var refusal = text(401, "this page needs the admin token, as `Authorization: Bearer TOKEN`")
            refusal.fields.append(("www-authenticate", "Bearer"))
            return refusal
        }
        guard let page = Page(path: fields.string(head.path)) else {
            return text(
                404, "there is no such page: /metrics, /admin/v1/status, /admin/v1/limits/{id}, /healthz, /readyz")
        }
        guard fields.equals(head.method, "get") || fields.equals(head.method, "head") else {
            var refusal = text(405, "this page is only read")
            refusal.fields.append(("allow", "GET, HEAD"))
            return refusal
        }
        switch page {
        case .metrics:
            return ServerResponse(
                status: 200, fields: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: registry.exposition())
        case .status: return json(statusJSON(status()))
        case .limits(let id):
            guard let body = limitsJSON(id) else { return text(404, "there is no key \(id ?? "")") }
            return json(body)
        }
    }

    /// What can be read.
    private enum Page {
        case metrics
        case status
        case limits(String?)

        init?(path: String) {
            switch path {
            case "/metrics": self = .metrics
            case "/admin/v1/status": self = .status
            case "/admin/v1/limits": self = .limits(nil)
            default:
                let prefix = "/admin/v1/limits/"
                guard path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count, path.utf8.count < 64 else {
                    return nil
                }
                self = .limits(String(path.dropFirst(prefix.count)))
            }
        }
    }

    private func json(_ body: [UInt8]) -> ServerResponse {
        ServerResponse(status: 200, fields: [("content-type", "application/json")], body: body)
    }

    /// Compares all of the token, wherever it differs first: the time must not tell how much of it was right.
    private func isAuthorized(_ fields: HeaderFields) -> Bool {
        guard let token else { return true }
        guard let value = fields.first("authorization"), fields.hasPrefix(value, "bearer ") else { return false }
        let given = fields.bytes[(value.lowerBound + 7)..<value.upperBound]
        guard given.count == token.count else { return false }
        return zip(given, token).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func text(_ status: Int, _ message: String) -> ServerResponse {
        ServerResponse(
            status: status, fields: [("content-type", "text/plain; charset=utf-8")], body: Array((message + "\n").utf8))
    }
}
