import Testing

@testable import Policy

@Suite struct ModelPricesTests {
    @Test func onlyTokensHaveAPriceOfOutput() {
        for kind in ServiceKind.allCases where kind != .tokens {
            #expect(ModelPrices.vendor.highestOutputPrice(of: kind) == 0)
        }
        #expect(ModelPrices.vendor.highestOutputPrice(of: .tokens) == 8000)
    }

    @Test func theHigherOfBothPricesCounts() {
        var prices = ModelPrices.vendor
        prices.reasoning = 20_000
        #expect(prices.highestOutputPrice(of: .tokens) == 20_000)
        prices.reasoning = 5
        #expect(prices.highestOutputPrice(of: .tokens) == 8000)
    }

    /// A reservation at the highest price covers any split between output and reasoning.
    @Test(arguments: [nil, 0, 5, 8000, 20_000] as [Int64?])
    func noSplitCostsMoreThanTheHighestPrice(reasoningPrice: Int64?) {
        var prices = ModelPrices.vendor
        prices.reasoning = reasoningPrice
        for reasoning in 0...10 as ClosedRange<Int64> {
            var units = BillableUnits()
            units.outputTokens = 10
            units.reasoningTokens = reasoning
            #expect(prices.cost(of: units, kind: .tokens).amount <= 10 * prices.highestOutputPrice(of: .tokens))
        }
    }

    @Test(arguments: ServiceKind.allCases)
    func wildPricesAndUnitsDoNotTrap(kind: ServiceKind) {
        for number in [Int64.min, -1, .max] {
            var prices = ModelPrices.vendor
            prices.input = number
            prices.output = number
            prices.reasoning = number
            prices.rerank = number
            prices.audioMinute = number
            prices.speechCharacter = number
            prices.image = number
            var units = BillableUnits()
            for unit in Unit.allCases { units[unit] = number }
            #expect(prices.cost(of: units, kind: kind).amount >= 0)
        }
    }
}
