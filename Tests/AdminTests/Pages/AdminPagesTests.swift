import HTTPServer
import Loopback
import Testing

@testable import Admin

/// The pages over a connection.
@Suite(.ownThread) struct AdminPagesTests {
    private func serve(token: String? = nil, reasons: [String] = []) throws -> PageServer {
        try PageServer(adminPages(token: token, reasons: reasons))
    }

    private func request(
        _ path: String, from server: PageServer, method: String = "GET", host: String = "host: admin\r\n",
        version: String = "1.1", fields: String = ""
    ) throws -> PageResponse {
        try server.request(path, method: method, host: host, version: version, fields: fields)
    }

    // MARK: Hosts

    /// Every page, health and unknown ones included: a page that answers tells a script that the listener is there.
    @Test(arguments: ["/metrics", "/admin/v1/status", "/admin/v1/limits", "/healthz", "/readyz", "/none"])
    func anotherHostIsRefusedOnEveryPage(path: String) throws {
        let response = try request(path, from: serve(), host: "host: evil.example:8081\r\n")
        #expect(response.status == 421)
        #expect(response.body.contains("admin.hosts"))
    }

    @Test func theTargetCannotNameAnotherHost() throws {
        let address = try serve()
        #expect(try request("http://evil.example/metrics", from: address, host: "host: evil.example\r\n").status == 421)
        #expect(try request("http://evil.example/metrics", from: address).status == 400)
        #expect(try request("http://admin/metrics", from: address).status == 200)
    }

    @Test(arguments: ["1.0", "1.1"]) func withoutAHostNothingIsShown(version: String) throws {
        #expect(try request("/metrics", from: serve(), host: "", version: version).status == 400)
    }

    @Test func twoHostsAreRefused() throws {
        #expect(try request("/metrics", from: serve(), host: "host: admin\r\nhost: admin\r\n").status == 400)
    }

    @Test func hostsAndTokenCanBeReplaced() throws {
        let pages = adminPages()
        let address = try PageServer(pages)
        #expect(try request("/metrics", from: address).status == 200)
        pages.use(access(token: "swordfish", hosts: ["other"]))
        #expect(try request("/metrics", from: address).status == 421)
        #expect(try request("/metrics", from: address, host: "host: other\r\n").status == 401)
        let field = "authorization: Bearer swordfish\r\n"
        #expect(try request("/metrics", from: address, host: "host: other\r\n", fields: field).status == 200)
    }

    // MARK: Pages

    @Test func metricsAreInPrometheusFormat() throws {
        let response = try request("/metrics", from: serve())
        #expect(response.status == 200)
        #expect(response.has("content-type: text/plain; version=0.0.4; charset=utf-8"))
        #expect(response.body.contains("# HELP things_total Things.\n"))
        #expect(response.body.contains("things_total 3\n"))
    }

    @Test func theStatusIsJSON() throws {
        let response = try request("/admin/v1/status", from: serve())
        #expect(response.status == 200)
        #expect(response.has("content-type: application/json"))
        #expect(response.json?["uptime_seconds"] as? Int == 61)
        #expect(response.json?["ready"] as? Bool == true)
    }

    @Test func theStatusNamesReasons() throws {
        let response = try request("/admin/v1/status", from: serve(reasons: ["no disk"]))
        #expect(response.status == 200)
        #expect(response.json?["ready"] as? Bool == false)
        #expect(response.json?["reasons"] as? [String] == ["no disk"])
    }

    @Test func slashesAreNotEscaped() throws {
        #expect(try request("/admin/v1/status", from: serve()).body.contains("https://example.com/v1"))
    }

    @Test func theConfigurationIsYAML() throws {
        let response = try request("/admin/v1/config", from: serve())
        #expect(response.status == 200)
        #expect(response.has("content-type: application/yaml"))
        #expect(response.body == "data: ./data\n")
    }

    @Test func limitsAreOfAllKeys() throws {
        let limits = try request("/admin/v1/limits", from: serve()).json?["limits"] as? [[String: Any]]
        #expect(limits?.map { $0["scope"] as? String } == ["key", "account"])
    }

    @Test(arguments: ["k1", "ada%20%26%20co"]) func limitsAreOfOneKey(key: String) throws {
        let response = try request("/admin/v1/limits/\(key)", from: serve())
        let limits = response.json?["limits"] as? [[String: Any]]
        #expect(response.has("content-type: application/json"))
        #expect(limits?.count == 1)
        #expect(limits?.first?["left"] as? String == "6")
    }

    @Test func anUnknownKeyHasNoLimits() throws {
        let response = try request("/admin/v1/limits/nobody", from: serve())
        #expect(response.status == 404)
        #expect(response.error?.message.hasPrefix("there is no key nobody") == true)
    }

    // MARK: Health

    @Test func aReadyGatewayIsReady() throws {
        let response = try request("/readyz", from: serve())
        #expect(response.status == 200)
        #expect(response.body == "ready\n")
    }

    @Test func anUnreadyGatewayNamesReasons() throws {
        let response = try request("/readyz", from: serve(reasons: ["one", "two"]))
        #expect(response.status == 503)
        #expect(response.body == "one\ntwo\n")
    }

    @Test func anUnreadyGatewayIsAlive() throws {
        #expect(try request("/healthz", from: serve(reasons: ["one"])).status == 200)
    }

    @Test(arguments: ["/healthz", "/readyz"])
    func healthNeedsNoToken(_ path: String) throws {
        #expect(try request(path, from: serve(token: "t")).status == 200)
    }

    // MARK: Token

    private static let pages = [
        "/metrics", "/admin/v1/status", "/admin/v1/config", "/admin/v1/events", "/admin/v1/limits",
        "/admin/v1/limits/k1",
    ]

    @Test(arguments: pages)
    func everyPageNeedsTheToken(_ path: String) throws {
        let response = try request(path, from: serve(token: "token"))
        #expect(response.status == 401)
        #expect(response.has("www-authenticate: Bearer"))
        #expect(response.body.contains("admin token"))
    }

    @Test(arguments: pages)
    func theTokenOpensEveryPage(_ path: String) throws {
        let address = try serve(token: "token")
        #expect(try request(path, from: address, fields: "authorization: Bearer token\r\n").status == 200)
    }

    @Test(arguments: [
        "authorization: Bearer wrong\r\n", "authorization: Bearer toke\r\n", "authorization: Bearer tokens\r\n",
        "authorization: Basic token\r\n", "authorization: token\r\n", "authorization: Bearer\r\n",
        "x-authorization: Bearer token\r\n",
    ])
    func otherCredentialsAreRefused(_ fields: String) throws {
        #expect(try request("/metrics", from: serve(token: "token"), fields: fields).status == 401)
    }

    @Test func theSchemeIgnoresCase() throws {
        let address = try serve(token: "token")
        #expect(try request("/metrics", from: address, fields: "Authorization: BEARER token\r\n").status == 200)
    }

    @Test func unknownPagesAreHiddenWithoutTheToken() throws {
        #expect(try request("/nothing", from: serve(token: "token")).status == 401)
    }

    // MARK: Methods and paths

    @Test(arguments: [
        "/nothing", "/", "/admin/v1/limits/", "/admin/v1/limits/a/b", "/metrics/", "/Metrics", "//metrics",
    ])
    func unknownPagesAreNone(_ path: String) throws {
        let response = try request(path, from: serve())
        #expect(response.status == 404)
        #expect(response.error?.code == "unknown_url")
        #expect(response.body.contains("/admin/v1/openapi.json"))
    }

    @Test(arguments: pages, ["POST", "PUT", "DELETE", "PATCH"])
    func pagesAreReadOnly(_ path: String, _ method: String) throws {
        let response = try request(path, from: serve(), method: method)
        #expect(response.status == 405)
        #expect(response.has("allow: GET, HEAD"))
    }

    @Test(arguments: pages + ["/healthz", "/readyz"])
    func headHasTheHeadOfGet(_ path: String) throws {
        let address = try serve()
        let get = try request(path, from: address)
        let head = try request(path, from: address, method: "HEAD")
        #expect(head.status == get.status)
        #expect(head.body.isEmpty)
        #expect(head.has("content-length: \(get.body.utf8.count)"))
    }

    // MARK: Faults

    @Test func malformedRequestsAreExplained() throws {
        let client = try RawClient(to: serve().address)
        client.send("GET / HTTP/1.1\r\n\r\n")
        let text = client.receiveRest().text
        #expect(text.hasPrefix("HTTP/1.1 400 "))
        #expect(text.contains("content-type: application/json"))
    }

    @Test func slowHeadsAreExplained() {
        let response = adminPages().response(to: .headTimeout)
        #expect(response.status == 408)
        #expect(String(decoding: response.body, as: UTF8.self).contains("the request did not arrive in time"))
    }

    @Test func tooManyConnectionsAreExplained() {
        let response = adminPages().response(to: .tooManyConnections)
        #expect(response.status == 503)
        #expect(String(decoding: response.body, as: UTF8.self).contains("too many connections"))
    }
}
