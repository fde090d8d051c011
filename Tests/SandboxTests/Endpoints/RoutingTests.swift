import Testing

@testable import Sandbox

@Suite struct RoutingTests {
    let upstream = SandboxUpstream()

    private func status(_ path: String, _ method: String) -> Int {
        upstream.respond(to: request(path, method: method)).status
    }

    // MARK: Keys

    @Test(arguments: ["", "Bearer ", "Bearer", "Basic key", "key", "bearer"])
    func aBearerKeyIsRequired(_ value: String) {
        let response = upstream.respond(
            to: SandboxRequest(method: "GET", target: "/v1/models", headers: ["authorization": value]))
        #expect(response.status == 401)
        #expect(Document(response)["error"]["type"].string == "authentication_error")
    }

    @Test func everyKeyIsValidByDefault() {
        let headers = ["authorization": "bEaReR anything"]
        let response = upstream.respond(to: SandboxRequest(method: "GET", target: "/v1/models", headers: headers))
        #expect(response.status == 200)
    }

    @Test(arguments: [("Bearer right", 200), ("Bearer wrong", 401), ("Bearer right ", 401), ("Basic right", 401)])
    func oneKeyMayBeTheOnlyOne(_ value: String, _ status: Int) {
        var options = SandboxOptions()
        options.apiKey = "right"
        let response = SandboxUpstream(options: options).respond(
            to: SandboxRequest(method: "GET", target: "/v1/models", headers: ["authorization": value]))
        #expect(response.status == status)
    }

    // MARK: Paths

    @Test(arguments: [
        "/", "/v1", "/v1/", "/v1/none", "/v2/chat/completions", "/v1/chat", "/v1/files/a/b", "/v1/files/a/content/c",
        "/v1/batches/a/b", "/sandbox", "/v1/Models",
    ])
    func unknownPathsAreNotFound(_ path: String) {
        #expect(status(path, "GET") == 404)
    }

    @Test(
        arguments: [
            "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/v2/rerank",
            "/v1/audio/transcriptions", "/v1/audio/translations", "/v1/audio/speech", "/v1/images/generations",
        ], ["GET", "PUT", "DELETE", "HEAD"])
    func generationsArePosted(_ path: String, _ method: String) {
        let response = upstream.respond(to: request(path, method: method))
        #expect(response.status == 405)
        #expect(response.header("allow") == "POST")
    }

    @Test(arguments: ["/v1/models", "/v1/models/sandbox", "/v1/realtime", "/sandbox/usage"], ["POST", "DELETE"])
    func listsAreRead(_ path: String, _ method: String) {
        let response = upstream.respond(to: request(path, method: method))
        #expect(response.status == 405)
        #expect(response.header("allow") == "GET, HEAD")
    }

    @Test func errorsHaveAnIdentity() {
        let response = upstream.respond(to: request("/v1/none"))
        #expect(response.header("id")?.hasPrefix("req-") == true)
        #expect(response.header("backend") == upstream.backend)
    }

    // MARK: Ids and rate limits

    @Test func idsAreUnique() {
        let ids = (0..<100).map { _ in upstream.respond(to: chat()).header("id") }
        #expect(Set(ids).count == 100)
    }

    @Test func idsDependOnTheSeed() {
        func id(_ seed: UInt32) -> String? {
            var options = SandboxOptions()
            options.seed = seed
            return SandboxUpstream(options: options).respond(to: chat()).header("id")
        }
        #expect(id(0) == "chatcmpl-000000000000000000000001")
        #expect(id(.max) == "chatcmpl-ffffffff0000000000000001")
    }

    @Test func rateLimitsCountDown() {
        let remaining = (0..<3).map { _ in
            upstream.respond(to: chat()).header("x-ratelimit-remaining-requests").flatMap(Int.init) ?? -1
        }
        #expect(remaining[1] == remaining[0] - 1)
        #expect(remaining[2] == remaining[0] - 2)
    }

    @Test func rateLimitsAreAnnounced() {
        let response = upstream.respond(to: chat())
        #expect(response.header("x-ratelimit-limit-requests") == "100000")
        // 1,750,000,000 is 40 s into its minute.
        #expect(response.header("x-ratelimit-reset-requests") == "1750000020")
    }

    @Test func rateLimitsStopAtZero() {
        var options = SandboxOptions()
        options.requestsPerMinute = 1
        let upstream = SandboxUpstream(options: options)
        for _ in 0..<3 { _ = upstream.respond(to: chat()) }
        #expect(upstream.respond(to: chat()).header("x-ratelimit-remaining-requests") == "0")
    }
}
