import Bytes
import Clocks
import Foundation
import Loopback
import ManualTime
import Policy
import Settings
import Testing
import Transport

@testable import propylon

@Suite(.ownThread) struct WebhookTests {
    private static let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"]
    private let time = ManualTime.inNovember()

    private func message() throws -> AlertMessage {
        AlertMessage(NumberedEvent(7, Event(at: time.now, .storeRecovered, "store"), keyName: nil), from: try .test())
    }

    private func route(_ url: String, secrets: [String] = Self.secrets) throws -> AlertRoute {
        let text = "alerts: { webhooks: [{ url: \"\(url)\", secret: [\(secrets.joined(separator: ", "))] }] }\n"
        let routes = try AlertRoute.all(of: configuration(text), on: EventLoop(name: "test"), time: time)
        return try #require(routes.first)
    }

    private func outcome(_ response: String) async throws -> AlertOutcome {
        let server = try ScriptedServer([[.readRequest, .send(response), .close]])
        return try await route("http://127.0.0.1:\(server.address.port)/").channel.deliver(message())
    }

    @Test func theRequestIsSignedByEachSecret() async throws {
        let server = try ScriptedServer([[.readRequest, .send("HTTP/1.1 204 No Content\r\n\r\n"), .close]])
        let outcome = try await route("http://127.0.0.1:\(server.address.port)/hook?x=1").channel.deliver(message())
        #expect(outcome == .delivered("HTTP status 204"))
        let request = try #require(server.requests.withLock { $0.first })
        let parts = request.components(separatedBy: "\r\n\r\n")
        try #require(parts.count == 2)
        #expect(parts[0].hasPrefix("POST /hook?x=1 HTTP/1.1\r\nhost: 127.0.0.1:\(server.address.port)\r\n"))
        let id = "evt_7_\(time.now.microseconds)"
        let signed = Array("\(id).\(time.now.seconds).\(parts[1])".utf8)
        let signatures = Self.secrets.map { secret in
            let key = Secret(secret).webhookKey ?? []
            return "v1," + String(decoding: Base64.encoded(hmacSHA256(key: key, message: signed)), as: UTF8.self)
        }
        for field in [
            "content-type: application/json", "webhook-id: \(id)", "webhook-timestamp: \(time.now.seconds)",
            "webhook-signature: \(signatures.joined(separator: " "))",
        ] { #expect(parts[0].contains("\r\n\(field)")) }
        let body = try #require(JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any])
        #expect(body["type"] as? String == "store.recovered")
        #expect(body["timestamp"] as? String == time.now.utcText)
    }

    @Test(arguments: [200, 202, 299]) func everySuccessDelivers(status: Int) async throws {
        #expect(try await outcome("HTTP/1.1 \(status) X\r\n\r\n") == .delivered("HTTP status \(status)"))
    }

    /// A redirect is no success: the URL is to be changed.
    @Test(arguments: [301, 307, 400, 404, 500, 504]) func otherStatusesFail(status: Int) async throws {
        let location = "location: http://127.0.0.1:9/\r\ncontent-length: 0"
        #expect(try await outcome("HTTP/1.1 \(status) X\r\n\(location)\r\n\r\n") == .failed("HTTP status \(status)"))
    }

    @Test(arguments: [429, 503]) func theWishedPauseIsHeard(status: Int) async throws {
        #expect(
            try await outcome("HTTP/1.1 \(status) X\r\nretry-after: 120\r\n\r\n")
                == .failed("HTTP status \(status)", pause: .seconds(120)))
    }

    @Test func goneIsGone() async throws {
        guard case .gone = try await outcome("HTTP/1.1 410 Gone\r\n\r\n") else {
            Issue.record("410 is not the end")
            return
        }
    }

    /// The head is enough: a body that never ends holds nothing up.
    @Test func theBodyIsNotWaitedFor() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"), .waitForEnd]
        ])
        let outcome = try await route("http://127.0.0.1:\(server.address.port)/").channel.deliver(message())
        #expect(outcome == .delivered("HTTP status 200"))
    }

    @Test func brokenConnectionsFail() async throws {
        let server = try ScriptedServer([[.readRequest, .close], [.readRequest, .send("no HTTP\r\n\r\n"), .close]])
        let route = try route("http://127.0.0.1:\(server.address.port)/")
        for _ in 0..<2 {
            guard case .failed(let reason, nil) = try await route.channel.deliver(message()) else {
                Issue.record("a broken connection is no failure")
                return
            }
            #expect(!reason.isEmpty)
        }
        // Nobody listens there.
        guard
            case .failed(let reason, nil) = try await self.route("http://127.0.0.1:1/t0ken").channel.deliver(message())
        else {
            Issue.record("nobody listens, and it is no failure")
            return
        }
        #expect(reason.contains("refused"))
        #expect(!reason.contains("t0ken"))
    }

    @Test func theIdentityIsTheURLAndNoSecret() throws {
        let (one, same) = (
            try route("http://127.0.0.1:1/a"), try route("http://127.0.0.1:1/a", secrets: [Self.secrets[1]])
        )
        let other = try route("http://127.0.0.1:1/b")
        #expect(one.recipient == same.recipient)
        #expect(one.recipient.id != other.recipient.id)
        #expect(one.recipient.id.count == 64)
        #expect(one.recipient.name == "webhook 1")
        #expect(one.recipient.kinds == EventKind.allCases)
    }
}
