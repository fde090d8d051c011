import ChatFixtures
import Clocks
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// Requests that only count their input.
@Suite(.ownThread) struct InputCountTests {
    private static let paths: [(Dialect, String)] = [
        (.responses, "/v1/responses/input_tokens"), (.messages, "/v1/messages/count_tokens"),
    ]

    private func count(_ dialect: Dialect, _ path: String, _ text: String) throws -> (Int, GatewayFixture) {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        let body = dialect.request().replacing(#""hi""#, with: "\"\(text)\"")
        let answer = try #require(try fixture.answer(to: fixture.request(path, body: body)))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains("\r\nx-request-id: "))
        let document = try #require(JSON(GatewayTests.body(of: answer)))
        if dialect == .responses { #expect(document["object"]?.string == "response.input_tokens") }
        return (try #require(document["input_tokens"]?.integer), fixture)
    }

    @Test(arguments: paths) func theCountIsTheEstimateOfTheChat(dialect: Dialect, path: String) throws {
        let (short, fixture) = try count(dialect, path, "Count these words, please.")
        #expect((5...25).contains(short))
        let (long, _) = try count(dialect, path, String(repeating: "Count these words, please. ", count: 100))
        #expect((500...2500).contains(long))
        let record = try fixture.usage.only()
        #expect(record.endpoint == String(path.dropFirst("/v1/".count)))
        #expect(record.units == BillableUnits())
        #expect(record.cost == .zero)
        #expect(record.exactness == .exact)
        #expect(record.status == 200)
        #expect(record.countsAsRequest)
    }

    /// A count is held against requests, and against nothing else.
    @Test(arguments: paths) func countsAreRequests(dialect: Dialect, path: String) throws {
        var tier = Tier(name: "limited")
        tier[.requestsPerDay] = 2
        tier[.tokensPerMinute] = 1
        tier[.outputTokensPerDay] = 1
        tier[.budgetPerDay] = 1
        let fixture = try GatewayFixture(
            upstream: try ScriptedServer([]).address,
            policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited"))
        let statuses = try (0..<3).map { _ in
            try #require(try fixture.answer(to: fixture.request(path, body: dialect.request()))).split(separator: " ")[
                1]
        }
        #expect(statuses == ["200", "200", "429"])
        let states = fixture.limiter.states(of: fixture.record, at: .now)
        #expect(states.allSatisfy { $0.reserved == 0 && ($0.kind == .requestsPerDay ? $0.used == 2 : $0.used == 0) })
    }

    @Test(arguments: paths) func whatTheAPIRefusesIsRefused(dialect: Dialect, path: String) throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        for body in ["{", #"{"model":"m"}"#, dialect.request().replacing(#""model""#, with: #""modem""#)] {
            let answer = try #require(try fixture.answer(to: fixture.request(path, body: body)))
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(body)")
        }
    }

    @Test(arguments: paths) func anUpstreamThatHasTheAPICounts(dialect: Dialect, path: String) throws {
        let upstream = try upstream([last(#"{"input_tokens":42}"#)])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.nativeAPIs = [dialect] }
        let answer = try #require(try fixture.answer(to: fixture.request(path, body: dialect.request())))
        #expect(GatewayTests.body(of: answer) == #"{"input_tokens":42}"#)
        #expect(upstream.requests.withLock { $0[0] }.hasPrefix("POST \(path) HTTP/1.1\r\n"))
        #expect(try fixture.usage.only().cost == .zero)
    }
}
