import Gateway
import HTTP1
import HTTPServer
import Synchronization
import Transport

/// The admin listener: the health pages and the operations of a list of routes.
package final class AdminPages: RequestHandler {
    private let router: AdminRouter
    private let access: Mutex<AdminAccess>
    private let reasonsNotToServe: @Sendable () -> [String]

    /// The most bytes of a request's body.
    package static let bodyLimit = 65_536

    /// Carries out `routes`, and describes them, for those that `access` allows.
    ///
    /// - Parameters:
    ///   - version: the version of the program, for the description.
    ///   - reasonsNotToServe: the content of `/readyz`.
    package init(
        _ routes: [AdminRoute], access: AdminAccess, version: String,
        reasonsNotToServe: @escaping @Sendable () -> [String]
    ) {
        router = AdminRouter(routes: routes + [.description(of: routes, version: version)])
        self.access = Mutex(access)
        self.reasonsNotToServe = reasonsNotToServe
    }

    /// Decides on every request from now on by `access`.
    package func use(_ access: AdminAccess) { self.access.withLock { $0 = access } }

    package func respond(to exchange: ServerExchange) async {
        do throws(ExchangeError) { try await answer(exchange) } catch { return }
    }

    package func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error): AdminProblem(error.status, "malformed_request", error.message).response()
        case .headTimeout: AdminProblem(408, "request_timeout", "the request did not arrive in time").response()
        case .tooManyConnections:
            AdminProblem(503, "overloaded", "too many connections", type: "service_unavailable_error").response()
        }
    }

    /// What comes of a request's head.
    private enum Decision {
        case respond(ServerResponse)
        case run(AdminRoute, AdminRequest)
    }

    private func answer(_ exchange: ServerExchange) async throws(ExchangeError) {
        switch decide(exchange) {
        case .respond(let response): try await exchange.respond(response)
        case .run(let route, var request):
            if let schema = route.operation.body {
                let body = try await Self.body(of: exchange, schema)
                switch body {
                case .success(let value): request.body = value
                case .failure(let problem): return try await exchange.respond(problem.response())
                }
            }
            try await run(route, request, exchange)
        }
    }

    private func run(
        _ route: AdminRoute, _ request: AdminRequest, _ exchange: ServerExchange
    ) async throws(ExchangeError) {
        switch route.handler {
        case .memory(let answer): try await exchange.respond(Self.response(request, answer))
        case .blocking(let work, let answer):
            try await exchange.respond(await work.run { Self.response(request, answer) })
        case .waiting(let answer):
            let response: ServerResponse
            do throws(AdminProblem) { response = try await answer(request) } catch { response = error.response() }
            try await exchange.respond(response)
        case .stream(let stream): try await stream(request, exchange)
        }
    }

    private static func response(_ request: AdminRequest, _ answer: AdminRoute.Answer) -> ServerResponse {
        do throws(AdminProblem) { return try answer(request) } catch { return error.response() }
    }

    // MARK: The head

    private func decide(_ exchange: ServerExchange) -> Decision {
        let head = exchange.head
        let access = access.withLock { $0 }
        do throws(AdminProblem) {
            try Self.checkHost(of: head.fields, access.hosts)
            if let page = HealthPage.answer(to: head, reasonsNotToServe: reasonsNotToServe) { return .respond(page) }
            guard let caller = access.caller(sending: head.fields) else { return .respond(Self.unknownToken) }
            switch router.match(head.fields.string(head.method), head.fields.string(head.path)) {
            case .nothing:
                throw AdminProblem(
                    404, "unknown_url",
                    "there is no such page; GET /admin/v1/openapi.json describes all, and /metrics, "
                        + "/healthz and /readyz are outside of /admin/v1")
            case .otherMethods(let methods):
                let problem = AdminProblem(405, "method_not_allowed", "this page has other methods: \(methods)")
                return .respond(problem.response([("allow", methods)]))
            case .route(let route, let path):
                try Self.check(route.operation, head, caller)
                var request = AdminRequest(caller: caller, address: exchange.clientAddress)
                request.path = path
                request.query = try AdminQuery.read(head.query.map(head.fields.string) ?? "", route.operation.query)
                request.ifMatch = head.fields.first("if-match").map(head.fields.string)
                request.accept = head.fields.first("accept").map(head.fields.string)
                return .run(route, request)
            }
        } catch { return .respond(error.response()) }
    }

    private static var unknownToken: ServerResponse {
        AdminProblem(
            401, "invalid_token",
            "this page needs an admin token, as `Authorization: Bearer TOKEN`; admin.token and "
                + "admin.tokens of the configuration have them", type: "authentication_error"
        ).response([("www-authenticate", "Bearer")])
    }

    private static func checkHost(of fields: HeaderFields, _ hosts: AdminHosts) throws(AdminProblem) {
        // HTTP/1.1 refuses a missing, a repeated and a malformed `host` before.
        guard let host = fields.first("host") else {
            throw AdminProblem(400, "missing_host", "this listener needs the field host")
        }
        guard hosts.accepts(fields.string(host)) else {
            throw AdminProblem(
                421, "unknown_host",
                "this listener does not answer for the host of this URL: use localhost or the address "
                    + "of admin.listen, or add the host to admin.hosts")
        }
    }

    private static func check(
        _ operation: AdminOperation, _ head: RequestHead, _ caller: AdminCaller
    ) throws(AdminProblem) {
        guard caller.scope.allows(operation.need) else {
            throw .forbidden(
                "insufficient_scope",
                "the token \(caller.name) has the scope \(caller.scope.text), which is not enough here")
        }
        guard operation.method == .get || BrowserOrigin.isOwn(head.fields) else {
            throw .forbidden(
                "foreign_origin",
                "a page of another site sent this request; changes come from this listener's own pages, or "
                    + "from clients that send no origin")
        }
        // A form of another site cannot have this type without a question that is refused.
        guard operation.body == nil || isJSON(head.fields) || isEmpty(head) else {
            throw AdminProblem(415, "unsupported_type", "the body must be JSON, with content-type: application/json")
        }
    }

    private static func isEmpty(_ head: RequestHead) -> Bool { head.framing == .none || head.framing == .length(0) }

    private static func isJSON(_ fields: HeaderFields) -> Bool {
        guard let type = fields.first("content-type"), !fields.contains("content-encoding") else { return false }
        let media = fields.string(type).lowercased().prefix { $0 != ";" && $0 != " " }
        return media == "application/json" || media == "application/merge-patch+json"
    }

    // MARK: The body

    private static func body(
        of exchange: ServerExchange, _ schema: AdminSchema
    ) async throws(ExchangeError) -> Result<AdminValue, AdminProblem> {
        var bytes: [UInt8] = []
        while bytes.count <= bodyLimit {
            let more = try await exchange.readBody { piece in
                for index in 0..<min(piece.count, bodyLimit + 1 - bytes.count) { bytes.append(piece[index]) }
            }
            guard more else { return read(bytes.isEmpty ? Array("{}".utf8) : bytes, schema) }
        }
        return .failure(
            AdminProblem(413, "request_too_large", "a body has at most \(bodyLimit) bytes; send several requests"))
    }

    private static func read(_ bytes: [UInt8], _ schema: AdminSchema) -> Result<AdminValue, AdminProblem> {
        guard let value = AdminValue(json: bytes) else {
            return .failure(AdminProblem(400, "invalid_json", "the body is not JSON, or nests more than 16 levels"))
        }
        guard let fault = schema.fault(in: value) else { return .success(value) }
        let place = fault.path.isEmpty ? "the body" : "\"\(fault.path)\""
        return .failure(.invalid("\(place): \(fault.message)", param: fault.path.isEmpty ? nil : fault.path))
    }
}
