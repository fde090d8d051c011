import Policy
import SeededRandom
import Testing

@testable import Settings

/// Random configurations: `show` writes what `load` reads.
@Suite struct RoundTripTests {
    private static func word(_ generator: inout SeededGenerator) -> String {
        let letters = Array("ab:#$-{}'\" é1&*!%@,")
        return "x" + String((0..<generator.number(0...5)).map { _ in generator.pick(letters) })
    }

    private static func tier(_ name: String, _ generator: inout SeededGenerator) -> Tier {
        var tier = Tier(name: name)
        // The same amount for all, so that no shorter window has the larger limit.
        let amount = Int64(generator.number(1...1_000_000))
        for kind in LimitKind.allCases where generator.once(in: 2) {
            tier[kind] = kind.isMoney ? amount * 1_000_000_001 : amount
        }
        func limits() -> [LimitKind: Int64] {
            let kinds = LimitKind.allCases.filter { _ in generator.once(in: 3) }
            return Dictionary(uniqueKeysWithValues: kinds.map { ($0, $0.isMoney ? amount * 1_000_000_001 : amount) })
        }
        for model in ["gpt-oss:120b", word(&generator)] where generator.once(in: 2) {
            let limits = limits()
            if !limits.isEmpty { tier.perModel[model] = limits }
        }
        if generator.once(in: 2) { tier.perUser = limits() }
        tier.outputReservation = Int64(generator.number(1...100_000))
        tier.overrun = generator.pick(Tier.Overrun.allCases)
        tier.alertAt = Set((0..<generator.number(0...3)).map { _ in generator.number(1...100) }).sorted()
        tier.weight = generator.number(1...1000)
        tier.models = generator.pick([nil, [], [NamePattern(word(&generator))], [NamePattern("a*"), NamePattern("*")]])
        tier.endpoints = generator.pick([nil, [NamePattern("chat/completions")]])
        return tier
    }

    private static func configuration(_ generator: inout SeededGenerator) -> Configuration {
        var configuration = Configuration(machineName: "here")
        let port = generator.number(1...60_000)
        configuration.listen = [
            ListenAddress(host: "127.0.0.1", port: port),
            ListenAddress(
                host: "::1", port: port,
                tls: .init(
                    certificate: word(&generator), key: word(&generator),
                    clientCA: generator.once(in: 2) ? word(&generator) : nil)),
        ]
        configuration.admin.listen = ListenAddress(host: "localhost", port: port + 1)
        configuration.data = word(&generator)
        configuration.timeZone = generator.pick([.gmt, Configuration(machineName: "").timeZone])
        configuration.tiers = TierTable(
            overriding: (0..<generator.number(0...3)).map { _ in tier(word(&generator), &generator) })
        configuration.defaultTier = generator.pick(configuration.tiers.all).name
        configuration.upstream.tier = generator.once(in: 2) ? generator.pick(configuration.tiers.all).name : nil
        configuration.upstream.connectTimeout = .milliseconds(generator.number(1...86_400_000))
        configuration.upstream.nativeAPIs = generator.pick([[], [.messages], Configuration.NativeAPI.allCases])
        configuration.upstream.retries = generator.number(0...10)
        configuration.upstream.caFile = generator.once(in: 2) ? word(&generator) : nil
        configuration.upstream.fallbacks = (0..<generator.number(0...2)).map { number in
            var fallback = Configuration.Fallback()
            if number == 1, let url = try? UpstreamURL(parsing: "http://a.example:81/x/v1") { fallback.baseURL = url }
            return fallback
        }
        configuration.cors.origins = generator.pick([[], ["*"], ["https://a.example", "http://b.example:81"]])
        configuration.limits.streamKeepalive = .seconds(generator.number(0...3600))
        for _ in 0..<generator.number(0...2) {
            configuration.teams[word(&generator)] = generator.pick(configuration.tiers.all).name
        }
        configuration.limits.bodyBytes = generator.number(1024...1 << 40)
        configuration.limits.memoryBodyBytes = generator.number(0...1 << 30)
        configuration.limits.drainTimeout = .seconds(generator.number(0...86_400))
        configuration.limits.resetFormat = generator.pick(ResetFormat.allCases)
        // Aliases may be patterns, and their targets are whole names.
        configuration.models.aliases = [
            "alias-" + word(&generator): word(&generator).replacing("*", with: "")
        ]
        var price = ModelPrices.vendor
        price.input = Int64(generator.number(0...1_000_000))
        price.reasoning = generator.once(in: 2) ? Int64(generator.number(0...1000)) : nil
        price.image = Int64(generator.number(0...1_000_000_000_000))
        configuration.models.prices.standard = PriceSchedule(price)
        configuration.models.prices.models = [word(&generator): PriceSchedule(.vendor)]
        configuration.models.energyOverrides = [word(&generator): Int64(generator.number(0...10_000_000))]
        configuration.metering.retention = generator.pick([nil, .seconds(86_400 * generator.number(1...36_500))])
        configuration.metering.sessionHeaders = ["metadata.user_id", "session-id", "true"].compactMap { name in
            let use = generator.pick([nil] + SessionSource.Use.allCases)
            return use.map { SessionSource(name: name, use: $0) }
        }
        configuration.metering.onDisconnect = generator.pick(OnDisconnect.allCases)
        // Secrets are masked, and the mask of one is refused.
        if generator.once(in: 2) {
            configuration.alerts.email = Configuration.Email(
                to: generator.pick([["a@b"], ["a@b", "x.y+z@c"]]), from: "d@e", sendmail: word(&generator),
                events: generator.pick([["*"], ["limit.*", "store.unavailable"]]).map { NamePattern($0) })
        }
        configuration.telemetry.endpoint = generator.pick([nil, try? UpstreamURL(parsing: "http://[::1]:4318/x")])
        configuration.telemetry.traces = generator.once(in: 2)
        configuration.telemetry.metrics = generator.once(in: 2)
        configuration.telemetry.sample = Int64(generator.number(0...1_000_000))
        configuration.log.level = generator.pick(Configuration.LogLevel.allCases)
        configuration.log.format = generator.pick([nil, .json, .text])
        configuration.log.access = generator.once(in: 2)
        return configuration
    }

    @Test func shownConfigurationsAreReadAsEqual() throws {
        var generator = SeededGenerator(seed: 51)
        for _ in 0..<60 {
            let configuration = Self.configuration(&generator)
            let text = try configuration.show()
            let (read, warnings) = try load(text)
            let isEqual = read == configuration
            #expect(isEqual, "\(text)")
            #expect(warnings.isEmpty)
        }
    }

    @Test func showingIsStable() throws {
        var generator = SeededGenerator(seed: 52)
        for _ in 0..<15 {
            let text = try Self.configuration(&generator).show()
            #expect(try load(text).0.show() == text)
        }
    }

    @Test func everyMemberIsShown() throws {
        let diagnostics = try Configuration.read(
            Configuration(machineName: "here").show(), file: "a", expansion: Expansion(environment: [:]) { _ in "" },
            hostName: "here", for: .everything
        ).1
        let shown = diagnostics.positions.keys
        for member in Configuration.memberPaths
        where !member.contains("*") && !member.hasPrefix("listen.")
            && !member.hasPrefix("upstream.fallbacks.") && !member.hasPrefix("admin.tokens.")
            && !member.hasPrefix("alerts.webhooks.") && !member.hasPrefix("alerts.email.")
        {
            #expect(shown.contains(member), "\(member)")
        }
    }
}
