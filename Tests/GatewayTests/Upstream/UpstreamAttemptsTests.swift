import Clocks
import Foundation
import HTTPClient
import Loopback
import ManualTime
import Policy
import Testing
import Transport

@testable import Gateway

/// Requests that another key, or another upstream, serves.
@Suite(.ownThread) struct UpstreamAttemptsTests {
    private static let chat = #"{"model":"m","messages":[]}"#
    private static let good = http(#"{"id":"chatcmpl-1","choices":[]}"#)

    private static func refusal(_ status: String, fields: String = "") -> String {
        http(#"{"error":{"message":"no"}}"#, status: status, fields: fields)
    }

    /// A server that answers each request on a connection of its own.
    private static func server(_ answers: [String]) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    private func statuses(
        _ fixture: GatewayFixture, _ count: Int, _ path: String = "/v1/chat/completions", method: String = "POST"
    ) throws -> [String] {
        try (0..<count).map { _ in
            let answer = try #require(try fixture.answer(to: fixture.request(path, method: method, body: Self.chat)))
            return String(answer.dropFirst(9).prefix(3))
        }
    }

    private func keys(_ server: ScriptedServer) -> [String] {
        server.requests.withLock { $0 }.map { $0.contains("Bearer upstream-b") ? "b" : "a" }
    }

    private let pair = ["upstream-a", "upstream-b"]

    @Test(arguments: ["401 Unauthorized", "402 Payment Required", "403 Forbidden", "429 Too Many", "503 Busy"])
    func aKeyThatIsRefusedRestsAndTheNextOneServes(status: String) throws {
        let server = try Self.server([Self.refusal(status), Self.good, Self.good, Self.good])
        let fixture = try GatewayFixture(upstream: server.address, upstreamKeys: pair, clock: ManualTime())
        #expect(try statuses(fixture, 3) == ["200", "200", "200"])
        #expect(keys(server) == ["a", "b", "b", "b"])
    }

    @Test func aKeyRestsAsLongAsTheUpstreamSays() throws {
        let server = try Self.server(
            [Self.refusal("429 Too Many", fields: "retry-after: 100\r\n")] + Array(repeating: Self.good, count: 4))
        let clock = ManualTime()
        let fixture = try GatewayFixture(upstream: server.address, upstreamKeys: pair, clock: clock)
        #expect(try statuses(fixture, 1) == ["200"])
        clock.advance(by: .seconds(99))
        #expect(try statuses(fixture, 2) == ["200", "200"])
        clock.advance(by: .seconds(1))
        #expect(try statuses(fixture, 1) == ["200"])
        #expect(keys(server) == ["a", "b", "b", "b", "a"])
    }

    @Test(arguments: ["403 Forbidden", "503 Busy"]) func whatEveryKeyAnswersIsNotAboutTheKey(status: String) throws {
        let server = try Self.server([Self.refusal(status), Self.refusal(status), Self.good, Self.good])
        let fixture = try GatewayFixture(upstream: server.address, upstreamKeys: pair, clock: ManualTime())
        #expect(try statuses(fixture, 3) == [String(status.prefix(3)), "200", "200"])
        // Both are used on: neither rests.
        #expect(Set(keys(server).suffix(2)) == ["a", "b"])
    }

    @Test func theLastAnswerIsPassedOnWithItsRetryAfter() throws {
        let limited = Self.refusal("429 Too Many", fields: "retry-after: 9\r\n")
        let server = try Self.server([limited, limited])
        let fixture = try GatewayFixture(upstream: server.address, upstreamKeys: pair, clock: ManualTime())
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains("\r\nretry-after: 9\r\n"))
    }

    // MARK: Fallbacks

    /// A gateway whose second upstream is `second`.
    private func fixture(
        _ first: SocketAddress, _ second: ScriptedServer, clock: ManualTime = ManualTime()
    ) throws -> GatewayFixture {
        try GatewayFixture(upstream: first, clock: clock) { options in
            options.client.retries = 0
            options.fallbacks = [
                UpstreamOptions(
                    origin: Origin(host: "127.0.0.1", port: second.address.port, isSecure: false),
                    pathPrefix: Array("/other".utf8), keys: ["fallback-key"])
            ]
        }
    }

    /// An address at which nobody listens.
    private func closedAddress() throws -> SocketAddress {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        return listener.address
    }

    @Test func anUpstreamOutOfReachHasItsPlaceTaken() throws {
        let second = try Self.server([Self.good])
        let fixture = try fixture(closedAddress(), second)
        #expect(try statuses(fixture, 1) == ["200"])
        let sent = second.requests.withLock { $0[0] }
        #expect(sent.hasPrefix("POST /other/v1/chat/completions HTTP/1.1\r\n"))
        #expect(sent.contains("\r\nhost: 127.0.0.1:\(second.address.port)\r\n"))
        #expect(sent.contains("\r\nauthorization: Bearer fallback-key\r\n"))
        #expect(try fixture.usage.only().exactness != .interrupted)
    }

    @Test(arguments: ["503 Busy", "429 Too Many", "401 Unauthorized"])
    func anUpstreamThatRefusesHasItsPlaceTaken(status: String) throws {
        let second = try Self.server([Self.good])
        let fixture = try fixture(Self.server([Self.refusal(status)]).address, second)
        #expect(try statuses(fixture, 1) == ["200"])
    }

    @Test(arguments: ["400 Bad Request", "403 Forbidden", "500 Oops", "504 Late"])
    func whatMayBeTheRequestsFaultOrBilledIsNotTriedAgain(status: String) throws {
        let second = try Self.server([Self.good])
        let fixture = try fixture(Self.server([Self.refusal(status)]).address, second)
        #expect(try statuses(fixture, 1) == [String(status.prefix(3))])
        #expect(second.acceptedCount == 0)
    }

    @Test func whatWasSentIsNotSentAgain() throws {
        let first = try ScriptedServer([[.readRequest, .close]])
        let second = try Self.server([Self.good])
        let fixture = try fixture(first.address, second)
        #expect(try statuses(fixture, 1) == ["502"])
        #expect(second.acceptedCount == 0)
    }

    @Test(arguments: ["/v1/files", "/v1/other"]) func whatAnUpstreamKeepsIsAskedOfItAlone(path: String) throws {
        let second = try Self.server([Self.good])
        let fixture = try fixture(closedAddress(), second)
        #expect(try statuses(fixture, 1, path, method: "GET") == ["502"])
        #expect(second.acceptedCount == 0)
    }

    @Test func anUpstreamThatFailsInARowIsLeftAloneAndProbed() throws {
        let busy = Self.refusal("503 Busy")
        let first = try Self.server([busy, busy, busy, Self.good, Self.good])
        let second = try Self.server(Array(repeating: Self.good, count: 5))
        let clock = ManualTime()
        let fixture = try fixture(first.address, second, clock: clock)
        #expect(try statuses(fixture, 5) == Array(repeating: "200", count: 5))
        #expect(first.acceptedCount == 3)
        // The first pause is a second, with a jitter of a quarter.
        clock.advance(by: .seconds(2))
        #expect(try statuses(fixture, 2) == ["200", "200"])
        #expect(first.requests.withLock { $0.count } == 5)
        #expect(second.requests.withLock { $0.count } == 5)
    }

    @Test func retriesAreBounded() throws {
        let number = 40
        let first = try Self.server(Array(repeating: Self.refusal("429 Too Many"), count: number))
        let second = try Self.server(Array(repeating: Self.good, count: number))
        let fixture = try fixture(first.address, second)
        let statuses = try statuses(fixture, number)
        // Ten are saved, and a fifth of the requests is earned.
        #expect((10...20).contains(statuses.count { $0 == "200" }))
        #expect(statuses.first == "200")
        #expect(statuses.last == "429")
    }
}
