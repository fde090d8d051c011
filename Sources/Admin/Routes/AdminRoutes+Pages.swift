import HTTPServer
import Metrics

/// The pages that other parts of the gateway report for.
extension AdminRoute {
    /// `GET /metrics`
    package static func metrics(_ registry: MetricRegistry) -> AdminRoute {
        AdminRoute(
            AdminOperation(
                .get, "/metrics", needs: .read, "getMetrics", "Metrics in Prometheus' text format.",
                .init("The metrics.", type: "text/plain")),
            .memory { _ in
                ServerResponse(
                    status: 200, fields: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: registry.exposition())
            })
    }

    /// `GET /admin/v1/status`
    package static func status(_ source: any StatusReporting) -> AdminRoute {
        AdminRoute(
            AdminOperation(
                .get, "/admin/v1/status", needs: .read, "getStatus", "State of the gateway.", .init("The state.")),
            .memory { _ in .json(source.report.json) })
    }

    /// `GET /admin/v1/config`
    package static func configuration(_ source: any ConfigurationReporting) -> AdminRoute {
        AdminRoute(
            AdminOperation(
                .get, "/admin/v1/config", needs: .read, "getConfiguration",
                "Effective configuration, its secrets masked.", .init("The configuration.", type: "application/yaml")),
            .memory { _ in
                ServerResponse(
                    status: 200, fields: [("content-type", "application/yaml"), ("cache-control", "no-store")],
                    body: Array(source.shown.utf8))
            })
    }

    /// `GET /admin/v1/events`
    package static func events(_ source: any EventsReporting) -> AdminRoute {
        let page = EventsPage(events: source)
        return AdminRoute(
            AdminOperation(
                .get, "/admin/v1/events", needs: .read, "listEvents",
                "Events, the oldest first; with `accept: text/event-stream` a stream of those to come.",
                query: [
                    .init("after", .integer(0...Int64.max), "The `next` of the page before; without it the newest."),
                    .init("limit", .integer(1...1000), "The most events of a page; default: \(EventsPage.usualLimit)."),
                ], .init("A page of events.", EventsReport.schema)),
            .stream { request, exchange throws(ExchangeError) in try await page.respond(request, exchange) })
    }

    /// `GET /admin/v1/limits` and `GET /admin/v1/limits/{id}`
    package static func limits(_ source: any LimitsReporting) -> [AdminRoute] {
        let usual = LimitsReport.Query()
        return [
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/limits", needs: .read, "listLimits",
                    "Use of the limits of all keys, the tightest first.",
                    query: [
                        .init(
                            "above", .integer(0...1_000_000),
                            "Only limits of which at least so many percent are used or reserved."),
                        .init("top", .integer(1...1_000_000), "The most limits; default: \(usual.top)."),
                    ], .init("The limits.")),
                .blocking(.report) { request in
                    let query = LimitsReport.Query(
                        above: request.integer("above") ?? usual.above, top: request.integer("top") ?? usual.top)
                    return .json(source.limits(query).json)
                }),
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/limits/{id}", needs: .read, "getLimits", "Use of the limits of one key.",
                    .init("The limits.")),
                .blocking(.look) { request throws(AdminProblem) in
                    .json(try source.limits(ofKey: request.path["id"] ?? "").json)
                }),
        ]
    }

    /// `GET /admin/v1/openapi.json`, the description of `routes` and of itself.
    static func description(of routes: [AdminRoute], version: String) -> AdminRoute {
        let operation = AdminOperation(
            .get, "/admin/v1/openapi.json", needs: .readKeys, "getDescription",
            "This description (OpenAPI 3.1).", .init("The description."))
        let body = OpenAPIDocument.document(of: routes.map(\.operation) + [operation], version: version).json
        return AdminRoute(operation, .memory { _ in .json(body) })
    }
}
