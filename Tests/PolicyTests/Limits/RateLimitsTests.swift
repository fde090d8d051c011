import Testing

@testable import Policy

@Suite struct RateLimitsTests {
    @Test func unitsHaveTheirHeaders() {
        var rates = RateLimits()
        rates.add(.money, limit: 1, remaining: 1, reset: 1)
        #expect(rates == RateLimits())
        rates.add(.requests, limit: 10, remaining: 9, reset: 8)
        #expect(rates.requests == .init(limit: 10, remaining: 9, reset: 8))
        #expect(rates.tokens == nil)
        rates.add(.outputTokens, limit: 7, remaining: 6, reset: 5)
        #expect(rates.tokens == .init(limit: 7, remaining: 6, reset: 5))
    }

    @Test func theLimitWithLessRemainingStays() {
        var rates = RateLimits()
        rates.add(.tokens, limit: 100, remaining: 50, reset: 1)
        rates.add(.outputTokens, limit: 1000, remaining: 60, reset: 9)
        #expect(rates.tokens?.limit == 100)
        rates.add(.outputTokens, limit: 1000, remaining: 40, reset: 0)
        #expect(rates.tokens?.limit == 1000)
    }

    @Test func ofEqualsTheLaterResetStays() {
        var rates = RateLimits()
        rates.add(.requests, limit: 1, remaining: 5, reset: 10)
        rates.add(.requests, limit: 2, remaining: 5, reset: 9)
        #expect(rates.requests?.limit == 1)
        rates.add(.requests, limit: 3, remaining: 5, reset: 11)
        #expect(rates.requests?.limit == 3)
    }

    @Test func aResetIsComputedOnlyWhereNeeded() {
        var count = 0
        func reset() -> Int64 {
            count += 1
            return 1
        }
        var rates = RateLimits()
        rates.add(.tokens, limit: 1, remaining: 1, reset: reset())
        rates.add(.tokens, limit: 1, remaining: 2, reset: reset())
        #expect(count == 1)
    }

    @Test func theTightestScopeIsInTheHeaders() throws {
        let limiter = Limiter(
            .of(
                .limited { $0[.requestsPerMinute] = 10 }, .limited("team") { $0[.requestsPerMinute] = 3 },
                .limited("account") { $0[.outputTokensPerHour] = 500 }, teams: ["red": "team"], account: "account"))
        let key = KeyRecord.of("key", team: "red")
        let reservation = try limiter.admit(.chat(output: 100), of: key, at: .at())
        let rates = reservation.rates
        _ = limiter.settle(reservation, .nothing, at: .at())
        #expect(rates.requests == .init(limit: 3, remaining: 2, reset: 20_000_000))
        // All keys share the account's: programs that paced themselves by it would wait for each other.
        #expect(rates.tokens == nil)
    }

    @Test func aRefusalByTheAccountShowsNoneOfItsLimits() throws {
        let limiter = Limiter(
            .of(.limited { _ in }, .limited("account") { $0[.requestsPerMinute] = 1 }, account: "account"))
        let key = KeyRecord.of("key")
        let reservation = try limiter.admit(.chat(output: 100), of: key, at: .at())
        #expect(throws: LimitRefusal.self) {
            let second = try limiter.admit(.chat(output: 100), of: key, at: .at())
            _ = limiter.settle(second, .nothing, at: .at())
        }
        #expect(limiter.rates(of: key, at: .at()) == RateLimits())
        _ = limiter.settle(reservation, .nothing, at: .at())
    }
}
