import Clocks
import Testing

@testable import Policy

@Suite struct LimitAmountsTests {
    private func record(_ change: (inout UsageRecord) -> Void) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "key", team: nil, endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1))
        change(&record)
        return record
    }

    @Test func amountsOfARequestAreCutOff() {
        let amounts = LimitAmounts(requests: -1, tokens: .max, outputTokens: .min, cost: .max)
        #expect(amounts.requests == 0)
        #expect(amounts.tokens == LimitAmounts.most)
        #expect(amounts.outputTokens == 0)
        #expect(amounts.cost == LimitAmounts.mostMoney)
    }

    @Test func sumsAreNotCutOffAbove() {
        let sum = LimitAmounts.sum(requests: -5, tokens: .max, outputTokens: 20_000_000_000, cost: .min)
        #expect(sum.requests == 0)
        #expect(sum.tokens == .max)
        #expect(sum.outputTokens == 20_000_000_000)
        #expect(sum.cost == 0)
    }

    @Test func unitsAreTheirMembers() {
        let amounts = LimitAmounts(requests: 1, tokens: 2, outputTokens: 3, cost: 4)
        #expect(LimitUnit.allCases.map { amounts[$0] } == [1, 2, 3, 4])
    }

    @Test func additionSaturates() {
        let most = LimitAmounts.sum(requests: .max, tokens: .max, outputTokens: .max, cost: .max)
        #expect(most + LimitAmounts(requests: 1, tokens: 1, outputTokens: 1, cost: 1) == most)
        let sum = LimitAmounts(requests: 1, tokens: 2, outputTokens: 3, cost: 4) + LimitAmounts(tokens: 5, cost: 6)
        #expect(sum == LimitAmounts(requests: 1, tokens: 7, outputTokens: 3, cost: 10))
    }

    @Test func recordSaysItsTokensAndCost() {
        let amounts = LimitAmounts(
            record {
                $0.units.inputTokens = 7
                $0.units.outputTokens = 5
                $0.units.reasoningTokens = 3
                $0.cost = NanoEuros(11)
            })
        #expect(amounts == LimitAmounts(tokens: 12, outputTokens: 5, cost: 11))
    }

    @Test func recordCountsAsARequestWhereItSaysSo() {
        #expect(LimitAmounts(record { $0.countsAsRequest = true }) == LimitAmounts(requests: 1))
        #expect(LimitAmounts(record { $0.countsAsRequest = false }) == LimitAmounts())
    }

    @Test func wildRecordDoesNotTrap() {
        let amounts = LimitAmounts(
            record {
                $0.units.inputTokens = .max
                $0.units.outputTokens = .max
            })
        #expect(amounts.tokens == LimitAmounts.most)
        let negative = LimitAmounts(
            record {
                $0.units.inputTokens = .min
                $0.units.outputTokens = -1
            })
        #expect(negative.tokens == 0)
    }
}
