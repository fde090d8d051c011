import HTTPServer
import Policy
import Synchronization
import Testing

@testable import Admin

/// Operations over a connection: rights, origins, queries and bodies.
@Suite(.ownThread) struct AdminRoutesTests {
    /// What the operations have received.
    private final class Received: Sendable {
        let requests = Mutex<[AdminRequest]>([])
    }

    private let received = Received()

    private var routes: [AdminRoute] {
        func route(
            _ method: AdminOperation.Method, _ path: String, _ need: AdminScope.Need,
            query: [AdminOperation.Parameter] = [], body: AdminSchema? = nil
        ) -> AdminRoute {
            AdminRoute(
                AdminOperation(
                    method, path, needs: need, "\(method)\(path)", "Test.", query: query, body: body, .init("Done.")),
                .blocking(.change) { [received] request in
                    received.requests.withLock { $0.append(request) }
                    return .json([])
                })
        }
        let form = AdminSchema.object([.init("name", .text(1...5), "Name.", required: true)])
        return [
            route(.get, "/things/{id}", .readKeys, query: [.init("limit", .integer(1...9), "Limit.")]),
            route(.patch, "/things/{id}", .changeKeys, body: form),
            route(.delete, "/things/{id}", .admin),
        ]
    }

    private func serve(_ tokens: [AdminToken] = []) throws -> PageServer {
        let pages = adminPages(routes)
        pages.use(access(token: nil, tokens))
        return try PageServer(pages)
    }

    private static let json = "content-type: application/json\r\n"

    // MARK: Paths and queries

    @Test func segmentsAreDecoded() throws {
        #expect(try serve().request("/things/a%20b%2Fc").status == 200)
        #expect(received.requests.withLock { $0.map { $0.path["id"] } } == ["a b/c"])
        #expect(received.requests.withLock { $0.map(\.address) } == ["127.0.0.1"])
    }

    @Test(arguments: [
        "/things/%", "/things/%ff", "/things/", "/things//", "/things/" + String(repeating: "x", count: 601),
    ])
    func malformedSegmentsAreNoPages(path: String) throws {
        #expect(try serve().request(path).status == 404)
    }

    @Test func queriesAreChecked() throws {
        let server = try serve()
        #expect(try server.request("/things/a?limit=9").status == 200)
        for query in ["limit=10", "limit=x", "limit", "limit=1&limit=1", "limti=1", "%=1", "limit=%ff"] {
            let response = try server.request("/things/a?\(query)")
            #expect(response.status == 400, "\(query)")
            #expect(response.error?.code == "invalid_value", "\(query)")
        }
    }

    @Test func otherMethodsAreNamed() throws {
        let response = try serve().request("/things/a", method: "PUT")
        #expect(response.status == 405)
        #expect(response.has("allow: GET, HEAD, PATCH, DELETE"))
        #expect(response.error?.code == "method_not_allowed")
    }

    // MARK: Rights

    /// What each scope may do, by the token of its text.
    @Test(
        arguments: [
            ("read", "GET", 200), ("read", "PATCH", 403), ("read", "DELETE", 403), ("keys:team=red", "GET", 200),
            ("keys:team=red", "PATCH", 200), ("keys:team=red", "DELETE", 403), ("admin", "GET", 200),
            ("admin", "PATCH", 200), ("admin", "DELETE", 200),
        ])
    func scopesAreKept(scope: String, method: String, status: Int) throws {
        let scopes = try ["read", "keys:team=red", "admin"].map { text in
            AdminToken(text, of: AdminCaller(name: text, scope: try #require(AdminScope(text))))
        }
        let response = try serve(scopes).request(
            "/things/a", method: method, fields: "authorization: Bearer \(scope)\r\n\(Self.json)",
            body: method == "PATCH" ? #"{"name": "a"}"# : nil)
        #expect(response.status == status)
        if status == 403 { #expect(response.error?.code == "insufficient_scope") }
        let callers = received.requests.withLock { $0.map(\.caller.name) }
        #expect(callers == (status == 200 ? [scope] : []))
    }

    @Test func reportsOfAllKeysAreNotForATeam() throws {
        let team = AdminToken("t", of: AdminCaller(name: "t", scope: .keys(team: "red")))
        let server = try serve([team])
        for path in ["/metrics", "/admin/v1/status", "/admin/v1/config", "/admin/v1/events", "/admin/v1/limits"] {
            #expect(try server.request(path, fields: "authorization: Bearer t\r\n").status == 403, "\(path)")
        }
    }

    // MARK: Origins

    @Test(arguments: [
        "origin: https://evil.example\r\n", "origin: null\r\n", "origin: http://admin.evil.example\r\n", "origin:\r\n",
        "origin: http://admin:8081\r\n", "origin: http://admin\r\norigin: http://evil.example\r\n",
    ])
    func foreignOriginsChangeNothing(_ origin: String) throws {
        let server = try serve()
        let response = try server.request(
            "/things/a", method: "PATCH", fields: origin + Self.json, body: #"{"name": "a"}"#)
        #expect(response.status == 403)
        #expect(response.error?.code == "foreign_origin")
        #expect(try server.request("/things/a", method: "DELETE", fields: origin).status == 403)
        #expect(received.requests.withLock { $0.isEmpty })
    }

    @Test(arguments: ["", "origin: http://admin\r\n", "origin: HTTPS://ADMIN\r\n"])
    func ownOriginsMayChange(_ origin: String) throws {
        #expect(try serve().request("/things/a", method: "DELETE", fields: origin).status == 200)
    }

    // MARK: Bodies

    @Test func bodiesArriveWhole() throws {
        let server = try serve()
        #expect(
            try server.request("/things/a", method: "PATCH", fields: Self.json, body: #"{"name": "ada"}"#).status == 200
        )
        #expect(received.requests.withLock { $0.map(\.body) } == [.object(["name": "ada"])])
    }

    @Test(arguments: [
        "", "{", "[]", #"{"name": 5}"#, #"{"name": ""}"#, #"{"name": "sixsix"}"#, #"{"name": "a", "x": 1}"#, "{}",
        "null", #"{"name": "\#u{0}"}"#,
        String(repeating: "[", count: 20_000), #"{"name":"# + String(repeating: "[", count: 30_000),
    ])
    func wrongBodiesAreExplained(_ body: String) throws {
        let response = try serve().request("/things/a", method: "PATCH", fields: Self.json, body: body)
        #expect(response.status == 400)
        #expect(response.error != nil)
        #expect(received.requests.withLock { $0.isEmpty })
    }

    @Test func bodiesAreBounded() throws {
        let server = try serve()
        let padding = String(repeating: " ", count: AdminPages.bodyLimit - 13)
        let response = try server.request(
            "/things/a", method: "PATCH", fields: Self.json, body: #"{"name": "a"}"# + padding)
        #expect(response.status == 200)
        let longer = try server.request(
            "/things/a", method: "PATCH", fields: Self.json, body: #"{"name": "a"}"# + padding + " ")
        #expect(longer.status == 413)
        #expect(longer.error?.code == "request_too_large")
    }

    /// A body that may be empty may be left out.
    @Test func anEmptyBodyIsAnEmptyObject() throws {
        #expect(try serve().request("/things/a", method: "PATCH").error?.param == "name")
    }

    @Test(arguments: [
        "", "content-type: text/plain\r\n", "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
    ])
    func onlyJSONIsRead(_ fields: String) throws {
        let response = try serve().request("/things/a", method: "PATCH", fields: fields, body: #"{"name": "a"}"#)
        #expect(response.status == 415)
    }

    // MARK: Description

    @Test func everyRouteIsDescribed() throws {
        let document = try #require(try serve().request("/admin/v1/openapi.json").json)
        #expect(document["openapi"] as? String == "3.1.1")
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        #expect(
            Set(paths.keys) == [
                "/metrics", "/admin/v1/status", "/admin/v1/config", "/admin/v1/events", "/admin/v1/limits",
                "/admin/v1/limits/{id}", "/things/{id}", "/admin/v1/openapi.json",
            ])
        #expect(Set(try #require(paths["/things/{id}"]).keys) == ["get", "patch", "delete"])
    }
}
