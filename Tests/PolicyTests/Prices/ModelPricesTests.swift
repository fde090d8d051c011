import SeededRandom
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

    /// Nothing that a request of at most these units can be billed exceeds what is held for it.
    @Test func noSplitCostsMoreThanTheDearest() {
        var generator = SeededGenerator(seed: 15)
        func price() -> Int64 { generator.pick([0, 1, 7, 1800, 8000, .max]) }
        for _ in 0..<2000 {
            var prices = ModelPrices.vendor
            prices.input = price()
            prices.cached = generator.once(in: 3) ? nil : price()
            prices.output = price()
            prices.reasoning = generator.once(in: 3) ? nil : price()
            prices.batchInput = generator.once(in: 2) ? nil : price()
            prices.batchOutput = generator.once(in: 2) ? nil : price()
            var most = BillableUnits()
            most.inputTokens = Int64(generator.number(0...1000))
            most.outputTokens = Int64(generator.number(0...1000))
            var used = BillableUnits()
            used.inputTokens = Int64(generator.number(0...Int(most.inputTokens)))
            used.outputTokens = Int64(generator.number(0...Int(most.outputTokens)))
            used.cachedTokens = Int64(generator.number(0...2000))
            used.reasoningTokens = Int64(generator.number(0...Int(used.outputTokens)))
            for kind in [ServiceKind.tokens, .batch] {
                #expect(prices.cost(of: used, kind: kind) <= prices.cost(of: prices.dearest(most), kind: kind))
            }
        }
    }

    @Test(arguments: ServiceKind.allCases)
    func wildPricesAndUnitsDoNotTrap(kind: ServiceKind) {
        for number in [Int64.min, -1, .max] {
            var prices = ModelPrices.vendor
            prices.input = number
            prices.cached = number
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
