import Loopback
import Policy
import Testing

@testable import Gateway

/// Every request that goes upstream uses up a request of the limits, whatever becomes of it.
@Suite(.ownThread) struct RequestCountTests {
    private func fixture(_ upstream: ScriptedServer, requests: Int64 = 5) throws -> GatewayFixture {
        var tier = Tier(name: "limited")
        tier[.requestsPerMinute] = requests
        tier[.requestsPerDay] = 1000
        return try GatewayFixture(
            upstream: upstream.address,
            policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited"))
    }

    private func used(_ fixture: GatewayFixture, _ kind: LimitKind = .requestsPerDay) -> Int64? {
        fixture.limiter.states(of: fixture.record, at: .now).first { $0.kind == kind }?.used
    }

    private func statuses(_ fixture: GatewayFixture, _ count: Int, _ request: String) throws -> [Substring] {
        try (0..<count).map { _ in try #require(try fixture.answer(to: request)).split(separator: " ")[1] }
    }

    @Test(arguments: ["429 Too Many Requests", "500 Oops", "404 Not Found", "400 Bad Request", "200 OK"])
    func noMoreThanTheLimitGoUpstream(status: String) throws {
        let upstream = try upstream(Array(repeating: last(#"{"error":{"message":"no"}}"#, status: status), count: 60))
        let fixture = try fixture(upstream)
        let chat = fixture.request(body: #"{"model":"m","messages":[]}"#)
        let statuses = try statuses(fixture, 20, chat)
        #expect(statuses.suffix(15).allSatisfy { $0 == "429" })
        #expect(upstream.requests.withLock { $0.count } == 5)
        #expect(used(fixture) == 5)
    }

    @Test(arguments: [
        ("GET", "/v1/models"), ("GET", "/v1/any"), ("DELETE", "/v1/any/thing"), ("PUT", "/v1/any/thing"),
        ("HEAD", "/v1/models"), ("POST", "/v1/any"),
    ])
    func readsAndOtherMethodsCount(method: String, path: String) throws {
        let upstream = try upstream(Array(repeating: last("{}"), count: 8))
        let fixture = try fixture(upstream)
        let request = fixture.request(path, method: method)
        #expect(try statuses(fixture, 8, request).count { $0 == "429" } == 3)
        #expect(upstream.requests.withLock { $0.count } == 5)
        #expect(used(fixture) == 5)
    }

    @Test func aReadIsNoReasonToExhaustABudget() throws {
        var tier = Tier(name: "limited")
        tier[.budgetPerDay] = 1
        let upstream = try upstream([last("{}")])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited"))
        #expect(try statuses(fixture, 1, fixture.request("/v1/any", method: "GET")) == ["200"])
        #expect(try statuses(fixture, 1, fixture.request("/v1/any", body: #"{"a":1}"#)) == ["400"])
    }

    private static func page(_ number: Int, _ ids: [String]) -> String {
        let entries = (ids + ["x\(number)"]).map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
        return last(#"{"object":"list","data":[\#(entries)],"has_more":true}"#)
    }

    @Test func aListCountsItsPages() throws {
        let upstream = try upstream((0..<100).map { Self.page($0, $0 == 1 ? ["a"] : []) })
        let fixture = try fixture(upstream)
        fixture.own("a")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files?limit=2", method: "GET")))
        // What was found, and the invitation to go on after it.
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(body(of: answer).contains(#""data":[{"id":"a"}]"#))
        #expect(body(of: answer).contains(#""has_more":true"#))
        #expect(upstream.requests.withLock { $0.count } == 5)
        #expect(used(fixture) == 5)
        let next = try #require(try fixture.answer(to: fixture.request("/v1/files?limit=2", method: "GET")))
        #expect(next.hasPrefix("HTTP/1.1 429 "))
        #expect(upstream.requests.withLock { $0.count } == 5)
    }

    @Test func aListThatFoundNothingSaysWhenToGoOn() throws {
        let upstream = try upstream((0..<100).map { Self.page($0, []) })
        let fixture = try fixture(upstream)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files?limit=2", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains("\r\nretry-after: "))
        #expect(try fixture.usage.only().countsAsRequest)
        #expect(used(fixture) == 5)
    }

    @Test func aListIsOneOfTheConcurrentRequests() throws {
        var tier = Tier(name: "limited")
        tier[.concurrentRequests] = 1
        let upstream = try upstream([Self.page(0, []), Self.page(1, []), last(#"{"data":[]}"#)])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited"))
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files?limit=2", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(upstream.requests.withLock { $0.count } == 3)
    }
}
