import Clocks
import Testing

@testable import Policy

/// Reservations that learn from what requests took.
@Suite struct LimiterLearningTests {
    private let tier = Tier.limited { $0[.budgetPerMonth] = 2_500_000_000 }
    private let key = KeyRecord.of("a")

    /// A chat with 90,000 bytes of prose, which take 22,500 tokens, and a bound of 1,000 tokens.
    private var prose: LimitedRequest {
        var units = BillableUnits()
        units.inputTokens = 45_000
        var request = LimitedRequest(
            kind: .tokens, model: "gpt-oss:120b", units: units, mostInputTokens: 90_256,
            output: .bounded(perChoice: 1000, choices: 1))
        request.textBytes = 90_000
        return request
    }

    private func send(_ limiter: Limiter, _ cost: Int64, tokens: Int64) throws(LimitRefusal) {
        let reservation = try limiter.admit(prose, of: key, at: .at())
        _ = limiter.settle(
            reservation, .used(LimitAmounts(tokens: tokens, cost: cost)), inputTokens: tokens, at: .at())
    }

    /// The example: a budget of 2.50 EUR and requests that cost little more than a quarter of a token a byte.
    @Test func theBudgetOfProseIsUsedUpToTheEnd() throws {
        let limiter = Limiter(.of(tier))
        let cost: Int64 = 22_500 * 1800 + 1000 * 8000
        var sent: Int64 = 0
        var refusal: LimitRefusal?
        while refusal == nil, sent < 100 {
            do throws(LimitRefusal) {
                try send(limiter, cost, tokens: 22_500)
                sent += 1
            } catch { refusal = error }
        }
        // 51 of 48.5 thousandths fit. By a token a byte, the last ones would have had to leave 0.17 EUR.
        #expect(sent == 51)
        let error = try #require(refusal)
        #expect(error.left < 58_700_000)
        #expect(error.asked < 60_000_000)
    }

    @Test func aRefusalSaysWhetherLessOutputFits() throws {
        let limiter = Limiter(.of(Tier.limited { $0[.tokensPerDay] = 60_000 }))
        var large = prose
        large.output = .bounded(perChoice: 20_000, choices: 1)
        let error = try #require(limiter.refusal(large, of: key, at: .at()))
        #expect(error.kind == .tokensPerDay && error.fitsWithLessOutput)
        large.units.inputTokens = 60_001
        #expect(try #require(limiter.refusal(large, of: key, at: .at())).fitsWithLessOutput == false)
    }

    @Test func aRefusedRequestHoldsNothing() throws {
        let limiter = Limiter(
            .of(
                Tier.limited {
                    $0[.budgetPerMonth] = 2_500_000_000
                    $0[.concurrentRequests] = 1
                }))
        for _ in 0..<8 { try send(limiter, 1, tokens: 22_500 + 256) }
        let first = try limiter.admit(prose, of: key, at: .at())
        for _ in 0..<100 { #expect(limiter.refusal(prose, of: key, at: .at()) != nil) }
        _ = limiter.settle(first, .nothing, at: .at())
        let held = try limiter.admit(prose, of: key, at: .at())
        let tokens = held.held.tokens
        _ = limiter.settle(held, .nothing, at: .at())
        // The output, the tokens beside the text, and 320 for each 1,024 bytes of it.
        #expect(tokens == 1000 + 256 + 28_125)
    }
}
