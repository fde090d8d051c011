import Policy
import Settings
import Testing

@Suite struct ModelsTests {
    @Test func aliasesAreRead() throws {
        let (configuration, _) = try load("models: {aliases: {gpt-4o: \"gpt-oss:120b\", b: c}}")
        #expect(configuration.models.aliases == ["gpt-4o": "gpt-oss:120b", "b": "c"])
        #expect(configuration.policies.models.served("gpt-4o") == "gpt-oss:120b")
    }

    @Test func chainsAndLoopsAreErrors() {
        let text = """
            models:
              aliases:
                a: b
                b: c
                c: a
                d: d
                e: real
                f: e
            """
        #expect(
            places(text) == [
                "3:8 models.aliases.a", "4:8 models.aliases.b", "5:8 models.aliases.c", "6:8 models.aliases.d",
                "8:8 models.aliases.f",
            ])
    }

    @Test func aliasesAreWholeNames() {
        #expect(places("models: {aliases: {\"a*\": b, c: \"d*\", e: , \"\": f}}").count == 4)
    }

    @Test func pricesAreReadExactly() throws {
        let (configuration, _) = try load(
            """
            models:
              prices:
                "mine": { input: 0.001, reasoning: 2 }
                default:
                  input: 1.9
                  output: 8.125
                  rerank: 5
                  batch_input: 1
                  batch_output: 2
                  audio_minute: 0.006
                  speech: 15
                  image: 0.04
            """)
        let prices = configuration.policies.prices
        #expect(prices.standard.input == 1900)
        #expect(prices.standard.output == 8125)
        #expect(prices.standard.reasoning == nil)
        #expect(prices.standard.rerank == 5000)
        #expect(prices.standard.audioMinute == 6_000_000)
        #expect(prices.standard.batchInput == 1000)
        #expect(prices.standard.batchOutput == 2000)
        #expect(prices.standard.speechCharacter == 15_000)
        #expect(prices.standard.image == 40_000_000)
        // A model's own prices stand on the standard ones, wherever these are written.
        var mine = prices.standard
        mine.input = 1
        mine.reasoning = 2000
        #expect(prices.models == ["mine": mine])
        #expect(prices.knows("mine"))
        #expect(!prices.knows("default"))
    }

    @Test func energyIsRead() throws {
        let (configuration, _) = try load("models: {energy_kwh_per_million_tokens: {mine: 2.5}}")
        #expect(configuration.policies.energy.milliwattHours(model: "mine", tokens: 4) == 10)
        #expect(configuration.policies.energy.milliwattHours(model: "gpt-oss:120b", tokens: 1000) == 2370)
    }

    @Test(arguments: [
        ("models: {prices: {m: {input: -1}}}", "1:30 models.prices.m.input"),
        ("models: {prices: {m: {input: 1.0001}}}", "1:30 models.prices.m.input"),
        ("models: {prices: {m: {inptu: 1}}}", "1:23 models.prices.m.inptu"),
        ("models: {prices: {m: 1}}", "1:22 models.prices.m"),
        ("models: {energy_kwh_per_million_tokens: {m: lots}}", "1:45 models.energy_kwh_per_million_tokens.m"),
        ("models: {price: {}}", "1:10 models.price"),
    ])
    func impossibleValuesAreErrors(text: String, place: String) {
        #expect(places(text) == [place])
    }
}
