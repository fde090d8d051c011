import Clocks
import Policy
import Testing

@testable import Settings

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

    @Test func aliasesHaveNamesAndOneTargetEach() {
        #expect(places("models: {aliases: {c: \"d*\", e: , \"\": f, \"*\": \"*\", \"g*\": c}}").count == 5)
    }

    @Test func aliasesMayBePatterns() throws {
        let (configuration, warnings) = try load("models: {aliases: {\"claude-*\": \"gpt-oss:120b\"}}")
        #expect(configuration.policies.models.served("claude-sonnet-4-5") == "gpt-oss:120b")
        #expect(warnings.isEmpty)
    }

    /// Models of the vendor's catalogue, and those that the configuration has prices or energy for.
    @Test func patternsThatHideModelsAreWarnedOf() throws {
        let text = """
            models:
              aliases:
                "gpt-oss:*": "gpt-oss:120b"
                "mine*": other
                "yours-*": other
              prices: { mine: { input: 1 } }
              energy_kwh_per_million_tokens: { mine-2: 1 }
            """
        let (_, warnings) = try load(text)
        #expect(warnings.map { "\($0.line):\($0.column) \($0.severity)" } == ["3:5 warning", "4:5 warning"])
        #expect(warnings.first?.message.contains("gpt-oss:20b;") == true)
        #expect(warnings.last?.message.contains("mine, mine-2;") == true)
    }

    @Test func modelThatIsAnAliasOfItselfIsNotHidden() throws {
        let text = """
            models: { aliases: { "gpt-oss:*": "gpt-oss:120b", "gpt-oss:20b": "gpt-oss:20b" } }
            """
        let (configuration, warnings) = try load(text)
        #expect(configuration.policies.models.served("gpt-oss:20b") == "gpt-oss:20b")
        #expect(warnings.isEmpty)
    }

    @Test func pricesAreReadExactly() throws {
        let (configuration, _) = try load(
            """
            models:
              prices:
                "mine": { input: 0.001, reasoning: 2, cached: 0.5 }
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
        let standard = prices.standard.first
        #expect(prices.standard.changes.isEmpty)
        #expect(standard.input == 1900)
        #expect(standard.output == 8125)
        #expect(standard.reasoning == nil)
        #expect(standard.rerank == 5000)
        #expect(standard.audioMinute == 6_000_000)
        #expect(standard.batchInput == 1000)
        #expect(standard.batchOutput == 2000)
        #expect(standard.speechCharacter == 15_000)
        #expect(standard.image == 40_000_000)
        // A model's own prices stand on the standard ones, wherever these are written.
        var mine = standard
        mine.input = 1
        mine.reasoning = 2000
        mine.cached = 500
        #expect(prices.models == ["mine": PriceHistory(mine)])
        #expect(prices.knows("mine"))
        #expect(!prices.knows("default"))
    }

    /// Prices by day, in the configured zone; a day without an entry has the prices of the day before.
    @Test func pricesHoldFromTheirDays() throws {
        let (configuration, _) = try load(
            """
            time_zone: Europe/Paris
            models:
              prices:
                default:
                  - { input: 2 }
                  - { from: 2026-12-15, output: 20 }
                mine:
                  - { input: 3, cached: 1 }
                  - { from: 2026-12-01, input: 4 }
                  - { from: 2027-01-01, cached: 2 }
                later: { from: 2026-12-10, input: 9 }
            """)
        let prices = configuration.policies.prices
        func check(_ model: String?, _ text: String, _ input: Int64, _ output: Int64, cached: Int64? = nil) throws {
            let date = try #require(CivilDate(text))
            // One o'clock before midnight in UTC is midnight in Paris.
            let start = Timestamp(seconds: date.daysSince1970 * 86_400 - 3600)
            let found = prices.prices(of: model, at: start).values
            #expect(
                [found.input, found.output, found.cached] == [input * 1000, output * 1000, cached.map { $0 * 1000 }])
        }
        try check(nil, "1999-01-01", 2, 8)
        try check(nil, "2026-12-15", 2, 20)
        try check("mine", "2026-11-30", 3, 8, cached: 1)
        try check("mine", "2026-12-01", 4, 8, cached: 1)
        // The default of that day has its part in the prices of every model.
        try check("mine", "2026-12-15", 4, 20, cached: 1)
        try check("mine", "2027-01-01", 4, 20, cached: 2)
        try check("later", "2026-12-09", 2, 8)
        try check("later", "2026-12-10", 9, 8)
        try check("later", "2026-12-15", 9, 20)
        let before = prices.prices(
            of: "mine",
            at: Timestamp(microseconds: (CivilDate("2026-12-01")!.daysSince1970 * 86_400 - 3600) * 1_000_000 - 1))
        #expect(before.values.input == 3000)
    }

    @Test func pricesByDayAreShownAsTheyAreRead() throws {
        let (configuration, _) = try load(
            """
            models:
              prices:
                default: [{ input: 2 }, { from: 2026-12-15, output: 20 }]
                m: [{ speech: 15 }, { from: 2026-12-01, image: 0.04 }]
            """)
        let (shown, _) = try load(configuration.show())
        #expect(shown == configuration)
        #expect(shown.models.prices.models["m"]?.changes.count == 2)
    }

    @Test func energyIsRead() throws {
        let (configuration, _) = try load("models: {energy_kwh_per_million_tokens: {mine: 2.5}}")
        #expect(configuration.policies.energy.milliwattHours(model: "mine", tokens: 4) == 10)
        #expect(configuration.policies.energy.milliwattHours(model: "gpt-oss:120b", tokens: 1000) == 2370)
    }

    @Test(arguments: [
        ("models: {prices: {m: {from: 2026-02-30}}}", "1:29 models.prices.m.from"),
        ("models: {prices: {m: [{input: 1}, {input: 2}]}}", "1:35 models.prices.m[1]"),
        (
            "models: {prices: {m: [{from: 2026-12-01}, {from: 2026-12-01}]}}", "1:43 models.prices.m[1]"
        ),
        ("models: {prices: {m: [{input: 1}, {from: 2026-12-01, inptu: 2}]}}", "1:54 models.prices.m[1].inptu"),
        ("models: {prices: {m: [1]}}", "1:23 models.prices.m[0]"),
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
