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

@Suite(.ownThread) struct AlertDeliveryTests {
    private let log = LogRecorder()
    private let time = ManualTime.inNovember()

    /// Alerts of a limiter: 85 of 100 output tokens a day are used.
    private func alert() throws -> LimitAlert {
        let settings = try configuration("tiers: { t: { output_tokens_per_day: 100 } }\n")
        let limiter = Limiter(LimitRules(settings, at: time.now))
        let key = KeyRecord(
            id: "abcdefghjk", name: "ada", tier: "t", createdAt: time.now, digest: KeyDigest(1, 2, 3, 4))
        let alerts = try limiter.use(
            LimitAmounts(tokens: 85, outputTokens: 85, cost: 0), of: key, at: time.limitTime)
        return try #require(alerts.first)
    }

    private func delivery(_ members: String) throws -> AlertDelivery {
        try AlertDelivery(configuration(members), log: log.logger, time: time, firstPause: .milliseconds(1))
    }

    private func requests(_ count: Int, at server: ScriptedServer) async -> Bool {
        await eventually { server.requests.withLock { $0.count } >= count }
    }

    private static let answer = "HTTP/1.1 204 No Content\r\n\r\n"
    private static let refusal = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"

    @Test func everyAlertIsInTheLog() throws {
        try delivery("").reached(alert())
        let message = try #require(log.messages.first)
        #expect(message.hasPrefix("warning 80 % of a limit is used"))
        #expect(message.contains("limit=output_tokens_per_day"))
        #expect(message.contains("subject=abcdefghjk"))
        #expect(message.contains("used=85"))
        #expect(message.contains("allowed=100"))
    }

    /// Names of users are in no log.
    @Test func modelsAreInTheLogAndUsersAreNot() throws {
        var alert = try alert()
        alert.part = .user("zoë")
        try delivery("").reached(alert)
        alert.part = .model("gpt-oss:*")
        try delivery("").reached(alert)
        #expect(log.messages.map { $0.contains("of=a user") } == [true, false])
        #expect(log.messages.map { $0.contains("of=gpt-oss:*") } == [false, true])
        #expect(!log.messages.joined().contains("zoë"))
        #expect(alert.json(sentAt: time.now).text.contains(#""model": "gpt-oss:*","#))
    }

    @Test func theWebhookGetsASignedAlert() async throws {
        prepareSHA256()
        let server = try ScriptedServer([[.readRequest, .send(Self.answer), .close]])
        let delivery = try delivery(
            "alerts: { webhook: \"http://127.0.0.1:\(server.address.port)/hook?x=1\", secret: swordfish }\n")
        delivery.reached(try alert())
        let isSent = await requests(1, at: server)
        #expect(isSent)
        let request = try #require(server.requests.withLock { $0.first })
        let parts = request.components(separatedBy: "\r\n\r\n")
        try #require(parts.count == 2)
        #expect(parts[0].hasPrefix("POST /hook?x=1 HTTP/1.1\r\nhost: 127.0.0.1:\(server.address.port)\r\n"))
        let signature = Hexadecimal.text(hmacSHA256(key: Array("swordfish".utf8), message: Array(parts[1].utf8)))
        #expect(parts[0].contains("x-propylon-signature: sha256=\(signature)\r\n"))
        let body = try #require(JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any])
        #expect(body["limit"] as? String == "output_tokens_per_day")
        #expect(body["percent"] as? Int == 80)
        #expect(body["sent_at"] as? String == time.now.utcText)
    }

    @Test func withoutASecretThereIsNoSignature() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.answer), .close]])
        let delivery = try delivery("alerts: { webhook: \"http://127.0.0.1:\(server.address.port)/\" }\n")
        delivery.reached(try alert())
        let isSent = await requests(1, at: server)
        #expect(isSent)
        #expect(server.requests.withLock { $0.first?.contains("signature") } == false)
    }

    @Test func aRefusedAlertIsSentAgain() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.refusal), .close], [.readRequest, .reset],
            [.readRequest, .send(Self.answer), .close],
        ])
        let delivery = try delivery("alerts: { webhook: \"http://127.0.0.1:\(server.address.port)/\" }\n")
        delivery.reached(try alert())
        let areSent = await requests(3, at: server)
        #expect(areSent)
        #expect(!log.messages.contains { $0.contains("failed") })
    }

    @Test func afterFiveAttemptsTheLogSaysSo() async throws {
        let steps: [ScriptedServer.Step] = [.readRequest, .send(Self.refusal), .close]
        let server = try ScriptedServer(Array(repeating: steps, count: 5))
        let delivery = try delivery("alerts: { webhook: \"http://127.0.0.1:\(server.address.port)/\" }\n")
        delivery.reached(try alert())
        let isLogged = await log.waitFor("webhook delivery failed after 5 attempts")
        #expect(isLogged)
        #expect(server.requests.withLock { $0.count } == 5)
    }

    @Test func aReloadedWebhookIsUsed() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.answer), .close]])
        let delivery = try delivery("")
        try delivery.use(configuration("alerts: { webhook: \"http://127.0.0.1:\(server.address.port)/new\" }\n"))
        delivery.reached(try alert())
        let isSent = await requests(1, at: server)
        #expect(isSent)
        #expect(server.requests.withLock { $0.first?.hasPrefix("POST /new ") } == true)
    }

    @Test func aModelWithoutPriceIsReportedOnce() throws {
        let delivery = try delivery("")
        for model in ["mine", "mine", "other\n", "mine"] {
            delivery.hasNoPrice(MissingPrice(model: model, kind: .tokens, isFree: false))
        }
        #expect(log.messages.count == 2)
        // The handler of the log quotes, so that a name is quoted once.
        #expect(log.messages.last?.hasSuffix("model=other\n") == true)
    }

    @Test func anEndpointWithUnknownUnitsIsReportedOnce() throws {
        let delivery = try delivery("")
        for endpoint in ["other", "other", "rerank", "other"] { delivery.hasUnreadUsage(endpoint) }
        #expect(log.messages.count == 2)
        #expect(log.messages.last?.contains("rerank") == true)
    }

    @Test func reportsOfModelsAreBounded() throws {
        let delivery = try delivery("")
        for number in 0..<1000 {
            delivery.hasNoPrice(MissingPrice(model: "model-\(number)", kind: .speech, isFree: true))
        }
        #expect(log.messages.count == 256)
    }
}
