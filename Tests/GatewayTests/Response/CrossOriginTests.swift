import Foundation
import HTTP1
import Loopback
import Testing

@testable import Gateway

@Suite(.ownThread) struct CrossOriginTests {
    private static let app = "https://app.example"

    private func fields(_ origins: [String], _ lines: String) throws -> [String] {
        CrossOrigin(origins).fields(for: try RequestHead.of("GET / HTTP/1.1\nhost: x\n\(lines)").fields)
            .map { "\($0.name): \($0.value)" }
    }

    @Test func anAllowedAppMayRead() throws {
        let allowed = "access-control-allow-origin: https://app.example"
        #expect(try fields([Self.app], "origin: \(Self.app)").contains(allowed))
        #expect(try fields([Self.app], "origin: \(Self.app)").contains("vary: origin"))
        #expect(try fields(["*"], "origin: \(Self.app)").contains("access-control-allow-origin: *"))
    }

    @Test(arguments: ["https://app.example.evil", "http://app.example", "https://app.example:8443", "null"])
    func anotherAppMayNot(origin: String) throws {
        #expect(try fields([Self.app], "origin: \(origin)") == ["vary: origin"])
        #expect(try fields([], "origin: \(origin)").isEmpty)
    }

    @Test func withoutABrowserNothingIsSaid() throws { #expect(try fields([Self.app], "accept: x").isEmpty) }

    private func fixture(_ answers: String..., origins: [String] = [app]) throws -> GatewayFixture {
        let upstream = try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
        return try GatewayFixture(upstream: upstream.address) { $0.corsOrigins = origins }
    }

    private func preflight(_ fixture: GatewayFixture, origin: String = app) throws -> String {
        try #require(
            try fixture.answer(
                to: "OPTIONS /v1/chat/completions HTTP/1.1\r\nhost: g\r\norigin: \(origin)\r\nconnection: close\r\n"
                    + "access-control-request-method: POST\r\n"
                    + "access-control-request-headers: authorization,x-stainless-os\r\n\r\n"))
    }

    @Test func aPreflightNeedsNoKey() throws {
        let answer = try preflight(fixture())
        #expect(answer.hasPrefix("HTTP/1.1 204 "))
        #expect(answer.contains("\r\naccess-control-allow-origin: https://app.example\r\n"))
        #expect(answer.contains("\r\naccess-control-allow-headers: authorization,x-stainless-os\r\n"))
        #expect(answer.contains("\r\naccess-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"))
        #expect(answer.contains("\r\nx-request-id: "))
        #expect(!answer.contains("content-length"))
    }

    @Test func aPreflightOfAnotherAppAllowsNothing() throws {
        #expect(try !preflight(fixture(), origin: "https://other.example").contains("access-control-"))
        #expect(try !preflight(fixture(origins: [])).contains("access-control-"))
    }

    @Test func everyAnswerCanBeReadErrorsIncluded() throws {
        let fixture = try fixture(
            http(#"{"id":"c","choices":[]}"#, fields: "access-control-allow-origin: https://upstream.example\r\n"))
        let origin = "origin: \(Self.app)\r\n"
        let body = #"{"model":"m","messages":[]}"#
        for text in [
            fixture.request(body: body, fields: origin), fixture.request(body: body, fields: origin, key: "sk-wrong"),
            fixture.request(body: "{", fields: origin), fixture.request("/nothing", body: body, fields: origin),
        ] {
            let answer = try #require(try fixture.answer(to: text))
            #expect(answer.contains("\r\naccess-control-allow-origin: https://app.example\r\n"), "\(answer)")
            #expect(answer.components(separatedBy: "access-control-allow-origin").count == 2)
        }
    }

    @Test func whatCannotBeReadAsARequestIsAnsweredForEveryOrigin() throws {
        let answer = try #require(try fixture(origins: ["*"]).answer(to: "nonsense\r\n\r\n"))
        #expect(answer.contains("\r\naccess-control-allow-origin: *\r\n"))
    }
}
