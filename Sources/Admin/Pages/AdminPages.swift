import Gateway
import HTTP1
import HTTPServer
import Metrics
import Synchronization

/// The pages of the admin listener: health, metrics, status, configuration and limits. All of them are read-only.
package final class AdminPages: RequestHandler {
    private let registry: MetricRegistry
    private let access: Mutex<AdminAccess>
    private let status: any StatusReporting
    private let limits: any LimitsReporting
    private let configuration: any ConfigurationReporting
    private let events: EventsPage

    /// Pages for those that `access` allows.
    package init(
        registry: MetricRegistry, access: AdminAccess, status: any StatusReporting, limits: any LimitsReporting,
        configuration: any ConfigurationReporting, events: any EventsReporting
    ) {
        self.registry = registry
        self.access = Mutex(access)
        self.status = status
        self.limits = limits
        self.configuration = configuration
        self.events = EventsPage(events: events)
    }

    /// Decides on every request from now on by `access`.
    package func use(_ access: AdminAccess) { self.access.withLock { $0 = access } }

    package func respond(to exchange: ServerExchange) async {
        do throws(ExchangeError) {
            switch answer(to: exchange.head) {
            case .page(.events) where EventsPage.isStream(exchange.head): try await events.follow(exchange)
            case .page(let page): try await exchange.respond(response(with: page, to: exchange.head))
            case .whole(let response): try await exchange.respond(response)
            }
        } catch { return }
    }

    package func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error): .text(error.status, error.message)
        case .headTimeout: .text(408, "the request did not arrive in time")
        case .tooManyConnections: .text(503, "too many connections")
        }
    }

    /// The page that a request asks for and may have, or the response to any other request.
    private enum Answer {
        case page(AdminPage)
        /// A health page, or an error.
        case whole(ServerResponse)
    }

    /// The answer to a request with this head.
    private func answer(to head: RequestHead) -> Answer {
        let fields = head.fields
        let access = access.withLock { $0 }
        // HTTP/1.1 refuses a missing, a repeated and a malformed `host` before.
        guard let host = fields.first("host") else { return .whole(.text(400, "this listener needs the field host")) }
        guard access.hosts.accepts(fields.string(host)) else {
            return .whole(
                .text(
                    421,
                    "this listener does not answer for the host of this URL: use localhost or the address of admin.listen, or "
                        + "add the host to admin.hosts"))
        }
        if let page = HealthPage.answer(to: head, reasonsNotToServe: { status.report.reasons }) { return .whole(page) }
        guard access.token?.isIn(fields) ?? true else {
            return .whole(
                .text(
                    401, "this page needs the admin token, as `Authorization: Bearer TOKEN`",
                    ("www-authenticate", "Bearer")))
        }
        guard let page = AdminPage(path: fields.string(head.path)) else {
            return .whole(.text(404, "there is no such page; pages are \(AdminPage.list)"))
        }
        guard fields.equals(head.method, "get") || fields.equals(head.method, "head") else {
            return .whole(.text(405, "this page is read-only: use GET", ("allow", "GET, HEAD")))
        }
        return .page(page)
    }

    private func response(with page: AdminPage, to head: RequestHead) -> ServerResponse {
        switch page {
        case .metrics:
            return ServerResponse(
                status: 200, fields: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: registry.exposition())
        case .configuration:
            return ServerResponse(
                status: 200, fields: [("content-type", "application/yaml")], body: Array(configuration.shown.utf8))
        case .status: return .json(status.report.json)
        case .events: return events.response(to: head)
        case .limits(let id):
            guard let report = limits.report(ofKey: id) else {
                return .text(404, "there is no key \(id ?? ""); `propylon keys list` shows all")
            }
            return .json(report.json)
        }
    }
}

extension ServerResponse {
    static func json(_ body: [UInt8]) -> ServerResponse {
        ServerResponse(status: 200, fields: [("content-type", "application/json")], body: body)
    }

    static func text(
        _ status: Int, _ message: String, _ fields: (name: StaticString, value: String)...
    ) -> ServerResponse {
        ServerResponse(
            status: status, fields: [("content-type", "text/plain; charset=utf-8")] + fields,
            body: Array((message + "\n").utf8))
    }
}
