import Policy
import SeededRandom
import Testing

@Suite struct EnergyTableTests {
    @Test func publishedEnergyPerMillionTokens() {
        let energy = EnergyTable.vendor
        #expect(energy.milliwattHours(model: "gpt-oss:120b", tokens: 1_000_000) == 2_370_000)
        #expect(energy.milliwattHours(model: "llama3.3:70b", tokens: 1000) == 13_330)
        #expect(energy.milliwattHours(model: "granite-embedding:278m", tokens: 1_000_000) == 310_000)
    }

    @Test func roundsToTheNearest() {
        #expect(EnergyTable.vendor.milliwattHours(model: "gpt-oss:120b", tokens: 1) == 2)
        #expect(EnergyTable.vendor.milliwattHours(model: "qwen3-embedding:4b", tokens: 1) == 1)
        #expect(EnergyTable.vendor.milliwattHours(model: "granite-embedding:278m", tokens: 1) == 0)
    }

    @Test func unknownIsNothing() {
        let energy = EnergyTable.vendor
        #expect(energy.milliwattHours(model: "gpt-4o", tokens: 1000) == 0)
        #expect(energy.milliwattHours(model: nil, tokens: 1000) == 0)
        // A model in the catalogue for which the vendor states no energy.
        #expect(energy.milliwattHours(model: "qwen3-reranker:4b", tokens: 1000) == 0)
        #expect(energy.milliwattHours(model: "gpt-oss:120b", tokens: -5) == 0)
        #expect(energy.nanowattHoursPerToken(of: "qwen3-reranker:4b") == nil)
    }

    @Test func overridesTakeTheirPlace() {
        let energy = EnergyTable(overriding: ["gpt-oss:120b": 1_000_000, "mine": 250_000])
        #expect(energy.milliwattHours(model: "gpt-oss:120b", tokens: 7) == 7)
        #expect(energy.milliwattHours(model: "mine", tokens: 8) == 2)
        #expect(energy.milliwattHours(model: "gpt-oss:20b", tokens: 1000) == 3250)
    }

    @Test func stopsAtTheLargestNumber() {
        let energy = EnergyTable(overriding: ["huge": .max, "plain": 1_000_000])
        #expect(energy.milliwattHours(model: "huge", tokens: .max) == .max)
        #expect(energy.milliwattHours(model: "plain", tokens: .max) == .max)
        #expect(energy.milliwattHours(model: "gpt-oss:120b", tokens: .max) == .max)
    }

    @Test func agreesWithWiderIntegers() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let perToken = Int64.random(
                in: 0...Int64.max >> Int64.random(in: 0..<60, using: &generator), using: &generator)
            let tokens = Int64.random(
                in: 0...Int64.max >> Int64.random(in: 0..<60, using: &generator), using: &generator)
            let exact = (Int128(perToken) * Int128(tokens) + 500_000) / 1_000_000
            let found = EnergyTable(overriding: ["m": perToken]).milliwattHours(model: "m", tokens: tokens)
            #expect(found == Int64(clamping: exact))
        }
    }
}
