import Clocks
import Foundation
import Loopback
import Policy
import Testing
import Transport

@testable import Gateway

@Suite(.ownThread) struct AdmitTests {
    private static let chat = RequestPipelineTests.chat
    private static let completion = RequestPipelineTests.completion

    private static func upstream(_ answers: [String]) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    private static func policies(_ change: (inout Tier) -> Void) -> Policies {
        var tier = Tier(name: "limited")
        change(&tier)
        return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
    }

    private func field(_ name: String, of answer: String) -> String? {
        answer.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }

    @Test func everyAnswerTellsWhereTheCallerStands() throws {
        let upstream = try Self.upstream([
            http(Self.completion, fields: "x-ratelimit-limit-requests: 9999\r\n"), http(Self.completion),
        ])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Self.policies {
                $0[.requestsPerMinute] = 2
                $0[.outputTokensPerDay] = 1000
                $0[.maxOutputTokens] = 100
            })
        let first = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(field("x-ratelimit-limit-requests", of: first) == "2")
        #expect(field("x-ratelimit-remaining-requests", of: first) == "1")
        #expect(field("x-ratelimit-limit-tokens", of: first) == "1000")
        #expect(field("x-ratelimit-remaining-tokens", of: first) == "900")
        #expect(Int(field("x-ratelimit-reset-requests", of: first) ?? "") != nil)
        #expect(first.components(separatedBy: "x-ratelimit-limit-requests").count == 2)
        let second = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        // What the first one did not use is free again: it wrote 3 of 100 tokens.
        #expect(field("x-ratelimit-remaining-tokens", of: second) == "897")
        let refused = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(refused.hasPrefix("HTTP/1.1 429 "))
        #expect(refused.contains(#""type":"rate_limit_error""#))
        #expect(refused.contains(#""code":"rate_limit_exceeded""#))
        #expect(refused.contains("The limit of this key, 2 requests a minute, is reached: 2 are used."))
        #expect(field("x-ratelimit-remaining-requests", of: refused) == "0")
        let wait = try #require(field("retry-after", of: refused).flatMap { Int($0) })
        let milliseconds = try #require(field("retry-after-ms", of: refused).flatMap { Int($0) })
        #expect((1...30).contains(wait))
        #expect((milliseconds + 999) / 1000 == wait)
        #expect(upstream.requests.withLock { $0.count } == 2)
        let malformed = try #require(try fixture.answer(to: fixture.request(body: "{")))
        #expect(malformed.hasPrefix("HTTP/1.1 400 "))
        #expect(field("x-ratelimit-remaining-requests", of: malformed) == "0")
    }

    /// Neither those that the upstream states nor those of its tier: all keys share them, and programs pace themselves by them.
    @Test func withoutLimitsOfItsOwnAKeySeesNoneOfTheAccount() throws {
        let upstream = try Self.upstream([
            http(Self.completion, fields: "X-RateLimit-Limit-Requests: 9999\r\nx-ratelimit-reset-tokens: 1s\r\n")
        ])
        var account = Tier(name: "account")
        account[.requestsPerMinute] = 100
        account[.outputTokensPerDay] = 100_000
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Policies(tiers: TierTable(overriding: [account])),
            accountTier: "account")
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(!answer.lowercased().contains("x-ratelimit-"))
        #expect(try #require(upstream.requests.withLock { $0.first }).hasSuffix(Self.chat))
    }

    @Test(arguments: [
        (#"{"model":"m","messages":[]}"#, #"{"max_tokens":100,"model":"m","messages":[]}"#),
        (#"{"model":"m","max_tokens": null}"#, #"{"model":"m","max_tokens": 100}"#),
        (#"{"n":3,"model":"m"}"#, #"{"max_tokens":33,"n":3,"model":"m"}"#),
        (#"{"model":"m","max_completion_tokens":50}"#, #"{"model":"m","max_completion_tokens":50}"#),
        (
            #"{"model":"m","stream":true}"#,
            #"{"max_tokens":100,"stream_options":{"include_usage":true},"model":"m","stream":true}"#
        ),
    ])
    func theTiersBoundIsWrittenIntoARequestThatNamesNone(asked: String, sent: String) throws {
        let upstream = try Self.upstream([http(Self.completion)])
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Self.policies { $0[.maxOutputTokens] = 100 })
        _ = try fixture.answer(to: fixture.request(body: asked))
        #expect(try #require(upstream.requests.withLock { $0.first }).hasSuffix("\r\n\r\n" + sent))
    }

    @Test func whoAsksForMoreThanTheTierAllowsIsToldSo() throws {
        let upstream = try Self.upstream([])
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Self.policies { $0[.maxOutputTokens] = 100 })
        let answer = try #require(try fixture.answer(to: fixture.request(body: #"{"model":"m","max_tokens":101}"#)))
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains(#""code":"max_tokens_exceeded""#))
        #expect(answer.contains("up to 101 output tokens, more than this key ever has: 100 output tokens a request"))
    }

    @Test(arguments: ["500 Internal Server Error", "400 Bad Request", "503 Service Unavailable"])
    func whatFailsWithoutBeingBilledGivesEverythingButTheRequestBack(status: String) throws {
        let upstream = try Self.upstream([http(#"{"error":{"message":"no"}}"#, status: status), http(Self.completion)])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Self.policies {
                $0[.requestsPerMinute] = 2
                $0[.concurrentRequests] = 1
                $0[.budgetPerDay] = 2_000_000
                $0[.maxOutputTokens] = 100
            })
        #expect(try #require(try fixture.answer(to: fixture.request(body: Self.chat))).hasPrefix("HTTP/1.1 \(status)"))
        #expect(try #require(try fixture.answer(to: fixture.request(body: Self.chat))).hasPrefix("HTTP/1.1 200"))
        let states = fixture.limiter.states(of: fixture.record, at: .now)
        #expect(states.map(\.reserved) == [0, 0, 0])
        let used: [Int64] = [2, 36_600, 0]
        #expect(states.map(\.used) == used)
    }

    @Test func anUnreachableUpstreamGivesEverythingBack() throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = listener.address
        _ = consume listener
        let fixture = try GatewayFixture(upstream: address, policies: Self.policies { $0[.requestsPerMinute] = 1 })
        for _ in 0..<2 {
            #expect(try #require(try fixture.answer(to: fixture.request(body: Self.chat))).hasPrefix("HTTP/1.1 502"))
        }
    }

    /// `count` events of one token each, all in one piece.
    private static func events(_ count: Int) -> String {
        (0..<count).map { _ in #"data: {"choices":[{"delta":{"content":"word"}}]}"# + "\n\n" }.joined()
    }

    private static func stream(_ text: String, length: Int? = nil) -> String {
        let framing = length.map { "content-length: \($0)\r\n" } ?? ""
        return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\(framing)\r\n\(text)"
    }

    /// The stream announces its length, more than it has, or is chunked.
    @Test(arguments: [Tier.Overrun.stop, .finish], [nil, 1 << 20])
    func anOpenStreamBeyondItsLimitEndsAsItsTierSays(overrun: Tier.Overrun, length: Int?) throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.stream(Self.events(10), length: length)), .pause, .send(Self.events(200)),
                .pause,
                .send(
                    #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":210,"total_tokens":211}}"#
                        + "\n\ndata: [DONE]\n\n"),
                .close,
            ]
        ])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Self.policies {
                $0[.outputTokensPerHour] = 100
                $0.outputReservation = 20
                $0.overrun = overrun
            })
        let caller = try fixture.caller(sending: fixture.request(body: #"{"model":"m","stream":true}"#))
        _ = caller.receive(through: "word")
        #expect(fixture.limiter.states(of: fixture.record, at: .now)[0].reserved == 20)
        upstream.proceed()
        if overrun == .finish { upstream.proceed() }
        let rest = caller.receiveRest()
        let record = try fixture.usage.only()
        switch overrun {
        case .stop:
            #expect(rest.text.contains(#""code":"quota_exceeded""#))
            #expect(!rest.text.hasSuffix("0\r\n\r\n"))
            #expect(record.ending == .overrun)
            #expect(record.exactness == .interrupted)
            upstream.proceed()
        case .finish:
            #expect(rest.text.contains("[DONE]"))
            #expect(record.units.outputTokens == 210)
            #expect(record.ending == (length == nil ? .complete : .upstreamInterrupted))
        }
        let state = fixture.limiter.states(of: fixture.record, at: .now)[0]
        #expect(state.reserved == 0)
        #expect(state.used == record.units.outputTokens)
        #expect(fixture.events.reached.takeSoon()?["percent"] == .number(100))
    }

    @Test func aModelWithoutAPriceRaisesAnAlarm() throws {
        let upstream = try Self.upstream([http(Self.completion), http(Self.completion)])
        let fixture = try GatewayFixture(upstream: upstream.address)
        _ = try fixture.answer(to: fixture.request(body: Self.chat))
        _ = try fixture.answer(to: fixture.request(body: #"{"model":"brand-new"}"#))
        #expect(
            fixture.warnings.unpriced.takeSoon() == MissingPrice(model: "brand-new", kind: .tokens, isFree: false))
        #expect(fixture.usage.records.allSatisfy { $0.cost == NanoEuros(36_600) })
    }

    /// Budgets are charged with the dearer price too.
    @Test func aDearerModelThatAnswersIsChargedToItsBudget() throws {
        let answer = #"{"id":"x","model":"dear","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":0}}"#
        let upstream = try Self.upstream([http(answer)])
        var prices = ModelPrices.vendor
        prices.input = 1_000_000
        var tier = Tier(name: "limited")
        tier[.budgetPerDay] = 1_000_000_000
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: Policies(
                tiers: TierTable(overriding: [tier]), defaultTier: "limited",
                prices: PriceList(models: ["dear": PriceHistory(prices)])))
        _ = try fixture.answer(to: fixture.request(body: Self.chat))
        let record = try fixture.usage.only()
        #expect(record.cost == NanoEuros(7_000_000))
        #expect(record.modelServed == "dear")
        #expect(fixture.limiter.states(of: fixture.record, at: .now)[0].used == 7_000_000)
    }

    @Test func theAccountsLimitHasItsOwnCode() throws {
        let upstream = try Self.upstream([http(Self.completion)])
        var account = Tier(name: "account")
        account[.requestsPerMinute] = 1
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Policies(tiers: TierTable(overriding: [account])),
            accountTier: "account")
        _ = try fixture.answer(to: fixture.request(body: Self.chat))
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains(#""code":"upstream_limit_exceeded""#))
    }

    @Test func resetsAreWrittenAsTheConfigurationSays() {
        let now = Timestamp(microseconds: 1_000_000_500_000)
        #expect(ResetFormat.unix.text(0, at: now) == "1000001")
        #expect(ResetFormat.unix.text(499_999, at: now) == "1000001")
        #expect(ResetFormat.unix.text(500_001, at: now) == "1000002")
        for (microseconds, text) in [
            (0, "0s"), (1, "1ms"), (17_000, "17ms"), (1_000_000, "1s"), (1_000_001, "2s"), (360_000_000, "6m0s"),
            (3_723_000_000, "1h2m3s"),
        ] as [(Int64, String)] {
            #expect(ResetFormat.duration.text(microseconds, at: now) == text)
        }
    }

    private static func unknownPath(_ fixture: GatewayFixture) -> String {
        fixture.request("/v1/threads", body: #"{"messages":[]}"#, fields: "idempotency-key: a\r\n")
    }

    /// A list with `*` leaves nothing out, so that a path whose model is not seen is open to the key.
    @Test func everythingIsNoRestriction() throws {
        let upstream = try Self.upstream([http("{}")])
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Self.policies { $0.models = [NamePattern("*")] }, models: ["*"])
        #expect(try #require(try fixture.answer(to: Self.unknownPath(fixture))).hasPrefix("HTTP/1.1 200 "))
        #expect(upstream.requests.withLock { $0[0] }.hasPrefix("POST /v1/threads HTTP/1.1\r\n"))
    }

    /// The upstream's word on a path that it does not have is better than a refusal. GET asks for it, without a body.
    @Test func aPathThatTheUpstreamDoesNotHaveIsItsOwn404() throws {
        let upstream = try Self.upstream([http(#"{"error":{"message":"Invalid URL"}}"#, status: "404 Not Found")])
        let fixture = try GatewayFixture(upstream: upstream.address, models: ["gpt-oss:*"])
        let answer = try #require(try fixture.answer(to: Self.unknownPath(fixture)))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
        #expect(answer.contains("Invalid URL"))
        let request = upstream.requests.withLock { $0[0] }
        #expect(request.hasPrefix("GET /v1/threads HTTP/1.1\r\n"))
        #expect(!request.contains("content-length"))
        #expect(!request.contains("messages"))
        #expect(try fixture.usage.only().cost == .zero)
    }

    @Test(arguments: ["200 OK", "405 Method Not Allowed", "401 Unauthorized", "500 Internal Server Error"])
    func aPathThatTheUpstreamHasIsRefused(_ status: String) throws {
        let upstream = try Self.upstream([http("{}", status: status)])
        let fixture = try GatewayFixture(upstream: upstream.address, upstreamKeys: [], models: ["gpt-oss:*"])
        let answer = try #require(try fixture.answer(to: Self.unknownPath(fixture)))
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        #expect(answer.contains(#""code":"model_not_allowed""#))
        // It was forwarded, so it counts.
        #expect(try fixture.usage.only().countsAsRequest)
    }
}
