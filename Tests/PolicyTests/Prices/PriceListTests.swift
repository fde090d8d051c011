import Clocks
import Policy
import SeededRandom
import Testing

@Suite struct PriceListTests {
    private func units(_ change: (inout BillableUnits) -> Void) -> BillableUnits {
        var units = BillableUnits()
        change(&units)
        return units
    }

    private func cost(
        _ kind: ServiceKind, of prices: PriceList = .vendor, model: String? = "gpt-oss:120b",
        _ change: (inout BillableUnits) -> Void
    ) -> Int64 {
        prices.cost(of: units(change), kind: kind, model: model, at: Timestamp(seconds: 0)).amount
    }

    @Test func tokensCostTheirPublishedPrice() {
        #expect(cost(.tokens) { $0.inputTokens = 1_000_000 } == 1_800_000_000)
        #expect(cost(.tokens) { $0.outputTokens = 1_000_000 } == 8_000_000_000)
        #expect(cost(.tokens) { $0.inputTokens = 1 } == 1800)
        #expect(
            cost(.tokens) {
                $0.inputTokens = 17
                $0.outputTokens = 5
            } == 17 * 1800 + 5 * 8000)
    }

    @Test func reasoningTokensAreAmongTheOutputTokens() {
        let change: (inout BillableUnits) -> Void = {
            $0.outputTokens = 10
            $0.reasoningTokens = 4
        }
        #expect(cost(.tokens, change) == 80_000)
        var own = ModelPrices.vendor
        own.reasoning = 1000
        #expect(
            cost(.tokens, of: PriceList(models: ["gpt-oss:120b": PriceHistory(own)]), change) == 6 * 8000 + 4 * 1000)
        #expect(
            cost(.tokens) {
                $0.outputTokens = 3
                $0.reasoningTokens = 5
            } == 40_000)
    }

    @Test func cachedTokensCostWhatInputCosts() {
        let change: (inout BillableUnits) -> Void = {
            $0.inputTokens = 10
            $0.cachedTokens = 4
        }
        #expect(cost(.tokens, change) == 18_000)
        var own = ModelPrices.vendor
        own.cached = 180
        let prices = PriceList(models: ["gpt-oss:120b": PriceHistory(own)])
        #expect(cost(.tokens, of: prices, change) == 6 * 1800 + 4 * 180)
        #expect(cost(.batch, of: prices, change) == 6 * 900 + 4 * 90)
        own.batchInput = 5
        #expect(cost(.batch, of: PriceList(models: ["gpt-oss:120b": PriceHistory(own)]), change) == 50)
    }

    /// Cached tokens are a part of the input: an upstream that states more of them gets no discount on what was not read.
    @Test func moreCachedTokensThanInputAreNotCounted() {
        var own = ModelPrices.vendor
        own.cached = 1
        let prices = PriceList(standard: PriceHistory(own))
        #expect(
            cost(.tokens, of: prices) {
                $0.inputTokens = 3
                $0.cachedTokens = .max
            } == 3)
        #expect(
            cost(.tokens, of: prices) {
                $0.inputTokens = 3
                $0.cachedTokens = .min
            } == 5400)
    }

    @Test func embeddingsCostInputOnly() {
        #expect(cost(.tokens, model: "granite-embedding:278m") { $0.inputTokens = 8 } == 14_400)
    }

    @Test func rerankCostsItsTokensNotItsSearchUnits() {
        #expect(
            cost(.rerank, model: "qwen3-reranker:4b") {
                $0.inputTokens = 250
                $0.searchUnits = 3
            } == 1_000_000)
    }

    @Test func transcriptionCostsItsStartedMinutes() {
        #expect(cost(.transcription, model: "voxtral") { $0.audioMinutes = 3 } == 30_000_000)
        #expect(cost(.transcription, model: nil) { $0.audioMinutes = 1 } == 10_000_000)
    }

    @Test func batchCostsHalf() {
        #expect(
            cost(.batch) {
                $0.inputTokens = 1_000_000
                $0.outputTokens = 1_000_000
                $0.reasoningTokens = 500_000
            } == 900_000_000 + 4_000_000_000)
        var odd = ModelPrices.vendor
        odd.input = 3
        odd.reasoning = 5
        let change: (inout BillableUnits) -> Void = {
            $0.inputTokens = 1
            $0.outputTokens = 2
            $0.reasoningTokens = 1
        }
        #expect(cost(.batch, of: PriceList(models: ["gpt-oss:120b": PriceHistory(odd)]), change) == 2 + 4000 + 3)
        odd.batchInput = 1
        odd.batchOutput = 10
        #expect(cost(.batch, of: PriceList(models: ["gpt-oss:120b": PriceHistory(odd)]), change) == 1 + 10 + 10)
    }

    @Test func speechAndImagesCostNothingUnlessConfigured() {
        #expect(cost(.speech) { $0.characters = 1000 } == 0)
        #expect(cost(.images) { $0.images = 4 } == 0)
        var prices = ModelPrices.vendor
        prices.speechCharacter = 15_000
        prices.image = 40_000_000
        let list = PriceList(standard: PriceHistory(prices))
        #expect(cost(.speech, of: list) { $0.characters = 1000 } == 15_000_000)
        #expect(cost(.images, of: list) { $0.images = 4 } == 160_000_000)
    }

    @Test func freeIsFree() {
        #expect(
            cost(.free) {
                $0.inputTokens = 1000
                $0.audioMinutes = 3
                $0.images = 1
            } == 0)
    }

    @Test func eachKindCountsItsOwnUnitsOnly() {
        let all: (inout BillableUnits) -> Void = {
            $0.inputTokens = 1
            $0.outputTokens = 1
            $0.audioMinutes = 1
            $0.characters = 1
            $0.images = 1
            $0.searchUnits = 1
        }
        #expect(cost(.tokens, all) == 9800)
        #expect(cost(.rerank, all) == 4000)
        #expect(cost(.transcription, all) == 10_000_000)
    }

    @Test func modelsOfTheirOwnPriceAreBilledByIt() {
        var own = ModelPrices.vendor
        own.input = 1
        let prices = PriceList(models: ["mine": PriceHistory(own)])
        #expect(cost(.tokens, of: prices, model: "mine") { $0.inputTokens = 5 } == 5)
        #expect(cost(.tokens, of: prices, model: "other") { $0.inputTokens = 5 } == 9000)
        #expect(cost(.tokens, of: prices, model: nil) { $0.inputTokens = 5 } == 9000)
    }

    @Test func knownAreTheCatalogueAndTheConfiguration() {
        let prices = PriceList(models: ["mine": PriceHistory(.vendor)])
        #expect(prices.knows("mine"))
        #expect(prices.knows("gpt-oss:20b"))
        #expect(!prices.knows("gpt-4o"))
        #expect(!PriceList.vendor.knows("mine"))
    }

    @Test func costSaturatesAndNeverFallsBelowZero() {
        #expect(cost(.tokens) { $0.inputTokens = .max } == .max)
        #expect(
            cost(.tokens) {
                $0.inputTokens = .max / 1800
                $0.outputTokens = .max / 8000
            } == .max)
        #expect(
            cost(.tokens) {
                $0.inputTokens = -5
                $0.outputTokens = .min
                $0.reasoningTokens = .min
            } == 0)
    }

    @Test func agreesWithWiderIntegers() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            let shift = Int64.random(in: 0..<62, using: &generator)
            let input = Int64.random(in: 0...Int64.max >> shift, using: &generator)
            let output = Int64.random(in: 0...Int64.max >> shift, using: &generator)
            let exact = Int128(input) * 1800 + Int128(output) * 8000
            let found = cost(.tokens) {
                $0.inputTokens = input
                $0.outputTokens = output
                $0.reasoningTokens = Int64.random(in: 0...output, using: &generator)
            }
            #expect(found == Int64(clamping: exact))
        }
    }
}
