import Clocks
import Loopback
import Policy
import Testing

@testable import Gateway

/// Limits for models and for users, over sockets.
@Suite(.ownThread) struct PartLimitsTests {
    private static let answer =
        #"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#

    private func policies(_ change: (inout Tier) -> Void) -> Policies {
        var tier = Tier(name: "parts")
        change(&tier)
        return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "parts")
    }

    private func fixture(_ answers: Int, _ change: (inout Tier) -> Void) throws -> GatewayFixture {
        let upstream = try upstream(Array(repeating: last(Self.answer), count: answers))
        return try GatewayFixture(upstream: upstream.address, policies: policies(change))
    }

    private func ask(_ fixture: GatewayFixture, model: String = "m", user: String? = nil) throws -> String {
        let user = user.map { #","user":"\#($0)""# } ?? ""
        return try #require(
            try fixture.answer(to: fixture.request(body: #"{"model":"\#(model)","messages":[]\#(user)}"#)))
    }

    @Test func aModelIsRefused() throws {
        let fixture = try fixture(2) { $0.perModel["m*"] = [.requestsPerDay: 1] }
        let first = try ask(fixture, model: "m1")
        #expect(first.hasPrefix("HTTP/1.1 200 "))
        #expect(first.contains("x-ratelimit-remaining-requests: 0\r\n"))
        let second = try ask(fixture, model: "m2")
        #expect(second.hasPrefix("HTTP/1.1 429 "))
        #expect(second.contains("quota_exceeded") && second.contains("this key for the model m*"))
        #expect(try ask(fixture, model: "n").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aUserIsRefused() throws {
        let fixture = try fixture(3) { $0.perUser = [.requestsPerDay: 1] }
        for user in ["ada", "bob", nil] {
            #expect(try ask(fixture, user: user).hasPrefix("HTTP/1.1 200 "), "\(user ?? "")")
            let second = try ask(fixture, user: user)
            #expect(second.hasPrefix("HTTP/1.1 429 "))
            #expect(second.contains(user.map { "for the user \($0)" } ?? "for requests without a user"))
        }
    }

    /// The header names users of clients that cannot set the body's member; reads count for them too.
    @Test func theHeaderNamesTheUser() throws {
        let fixture = try fixture(2) { $0.perUser = [.requestsPerDay: 1] }
        func read(_ user: String) throws -> String {
            let request = fixture.request("/v1/models", method: "GET", fields: "x-propylon-user: \(user)\r\n")
            return try #require(try fixture.answer(to: request))
        }
        #expect(!(try read("ada")).hasPrefix("HTTP/1.1 429 "))
        #expect(try read("ada").hasPrefix("HTTP/1.1 429 "))
        #expect(!(try read("bob")).hasPrefix("HTTP/1.1 429 "))
    }

    /// The rows of a process say what its limits have counted.
    @Test func aRestartKeepsWhatWasUsed() throws {
        let policies = policies {
            $0.perModel["m*"] = [.requestsPerDay: 9, .tokensPerDay: 900_000, .budgetInTotal: 1_000_000_000]
            $0.perUser = [.requestsPerDay: 9, .outputTokensPerHour: 900_000, .budgetPerMonth: 1_000_000_000]
        }
        let upstream = try upstream(Array(repeating: last(Self.answer), count: 4))
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies)
        for (model, user) in [("m1", "ada"), ("m2", nil), ("n", "ada"), ("m1", "bob")] {
            #expect(try ask(fixture, model: model, user: user).hasPrefix("HTTP/1.1 200 "))
        }
        let now = LimitTime.now
        let zone = ZoneOffsets(periods: [.init(start: 0, offset: 0)])
        let restarted = Limiter(LimitRules(policies, accountTier: nil, zone: zone))
        let rows = fixture.usage.records.map {
            LimitHistory.Requests(startedAt: $0.startedAt, UsageOwner($0), amounts: LimitAmounts($0))
        }
        #expect(rows.count == 4)
        restarted.restore(
            LimitHistory(of: rows, in: restarted.historySpan(at: now)), keys: fixture.keys.keys, at: now)
        let states = restarted.states(of: fixture.record, at: now)
        #expect(states == fixture.limiter.states(of: fixture.record, at: now))
        #expect(Set(states.map(\.part)) == [.model("m*"), .user(""), .user("ada"), .user("bob")])
        #expect(states.first { $0.part == .model("m*") }?.used == 3)
    }

    /// A stream extends what it holds of the limits of its model and its user, and ends where one of them is full.
    @Test(arguments: [true, false]) func aStreamExtendsItsParts(ofModel: Bool) throws {
        func events(_ count: Int) -> String {
            (0..<count).map { _ in #"data: {"choices":[{"delta":{"content":"word"}}]}"# + "\n\n" }.joined()
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(head + events(10)), .pause, .send(events(50)), .pause, .send(events(200)), .pause,
                .close,
            ]
        ])
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: policies {
                $0.outputReservation = 20
                $0.overrun = .stop
                if ofModel {
                    $0.perModel["m"] = [.outputTokensPerHour: 100]
                } else {
                    $0.perUser = [.outputTokensPerHour: 100]
                }
            })
        let body = #"{"model":"m","stream":true,"user":"ada"}"#
        let client = try fixture.caller(sending: fixture.request(body: body))
        _ = client.receive(through: "word")
        func state() -> LimitState? { fixture.limiter.states(of: fixture.record, at: .now).first }
        #expect(state()?.part == (ofModel ? .model("m") : .user("ada")))
        #expect(state()?.reserved == 20)
        upstream.proceed()
        for _ in 0..<40 { _ = client.receive(through: "word") }
        #expect(state()?.reserved ?? 0 >= 50)
        upstream.proceed()
        let rest = client.receiveRest()
        #expect(rest.text.contains(#""code":"quota_exceeded""#))
        upstream.proceed()
        let record = try fixture.usage.only()
        #expect(record.ending == .overrun)
        #expect(state()?.reserved == 0)
        #expect(state()?.used == record.units.outputTokens)
        let event = fixture.events.reached.takeSoon()
        #expect(event?["model"] == state()?.part?.model.map { .text($0) })
        #expect(event?["user"] == state()?.part?.user.map { .text($0) })
    }
}
