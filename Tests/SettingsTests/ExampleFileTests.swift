import Foundation
import Policy
import Testing

@testable import Settings

/// `config/propylon.yaml`, as it is in the repository.
@Suite struct ExampleFileTests {
    private let text: String

    init() throws {
        // Only the package's folder is known to hold the file, and a test's source lies in Tests/SettingsTests of it.
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appendingPathComponent("config/propylon.yaml"), encoding: .utf8)
    }

    /// Each block of example lines taken out of its comment, the lines it would stand beside a second time removed.
    private var uncommented: String {
        let names = [
            "listen", "api_keys", "tiers", "teams", "aliases", "prices", "energy_kwh_per_million_tokens", "webhooks",
            "email", "origins", "tokens", "fallbacks", "session_headers", "endpoint",
            "headers",
        ]
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let indentation = line.prefix { $0 == " " }
            let rest = line[indentation.endIndex...]
            guard rest.hasPrefix("#"), !rest.hasPrefix("# ") || rest.hasPrefix("#  "), rest != "#" else {
                lines.append(String(line))
                continue
            }
            // An example that begins a member replaces the default above it.
            let example = rest.dropFirst()
            if let name = names.first(where: { example.hasPrefix("\($0):") }) {
                let index = lines.lastIndex { $0.hasPrefix("\(indentation)\(name):") }
                if let index { lines.remove(at: index) }
            }
            lines.append("\(indentation)\(example)")
        }
        return lines.joined(separator: "\n")
    }

    @Test func loadsWithoutErrorsAndWarnings() throws {
        let (_, warnings) = try load(text)
        #expect(warnings.isEmpty)
    }

    @Test func statesTheDefaults() throws {
        let (configuration, _) = try load(text)
        #expect(try configuration == Configuration.defaults(environment: [:], hostName: "here").0)
    }

    @Test func takesTheEnvironment() throws {
        let environment = [
            "LLMAAS_API_KEY": "upstream-key-1", "LLMAAS_API_URL": "http://127.0.0.1:9/v1", "PROPYLON_ADMIN_TOKEN": "t",
        ]
        let (configuration, _) = try load(text, environment: environment)
        #expect(configuration.upstream.apiKeys == [Secret("upstream-key-1")])
        #expect(configuration.upstream.baseURL.port == 9)
        #expect(configuration.admin.token == Secret("t"))
    }

    @Test func itsExamplesLoadToo() throws {
        let (configuration, warnings) = try load(
            uncommented,
            files: [
                "/run/secrets/llmaas_api_key": "upstream-key-2\n", "/run/secrets/fallback_key": "upstream-key-3\n",
                "/run/secrets/monitoring_token": "one\n", "/run/secrets/research_token": "two\n",
                "/run/secrets/propylon_alerts": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
            ])
        try #require(configuration.listen.count == 2)
        #expect(configuration.listen[1].tls?.clientCA == "/etc/propylon/tls/clients.pem")
        #expect(configuration.admin.tokens.map(\.name) == ["monitoring", "research"])
        #expect(configuration.admin.tokens.map(\.scope) == [.read, .keys(team: "research")])
        #expect(configuration.machineName == "gateway-1")
        #expect(configuration.upstream.apiKeys == [Secret("upstream-key-2")])
        #expect(configuration.upstream.fallbacks.map(\.apiKeys) == [[Secret("upstream-key-3")]])
        #expect(configuration.cors.origins == ["https://chat.example.com"])
        #expect(configuration.tiers["student"]?[.budgetPerDay] == 2_500_000_000)
        #expect(configuration.tiers["student"]?.perModel == ["gpt-oss:120b": [.tokensPerDay: 50_000]])
        #expect(configuration.tiers["student"]?.perUser == [.budgetPerDay: 1_000_000_000])
        #expect(configuration.teams == ["research": "tier-2"])
        #expect(configuration.metering.sessionHeaders.map(\.name).contains("x-claude-code-session-id"))
        #expect(configuration.models.aliases["gpt-4o"] == "gpt-oss:120b")
        #expect(configuration.models.prices.models.keys.sorted() == ["gpt-oss:120b"])
        #expect(configuration.models.energyOverrides == ["gpt-oss:120b": 2_370_000])
        #expect(configuration.alerts.webhooks.map(\.events.count) == [3])
        #expect(configuration.alerts.email?.to == ["admin@example.com"])
        #expect(configuration.telemetry.endpoint?.text == "http://127.0.0.1:4318")
        #expect(configuration.telemetry.headers == ["authorization": Secret("Bearer change me")])
        #expect(warnings.isEmpty)
    }

    @Test func namesEveryMember() throws {
        // Each file has another text, since tokens must differ.
        let expansion = Expansion(environment: [:]) { path in
            path.contains("alerts") ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : path
        }
        let (_, diagnostics) = try Configuration.read(
            uncommented, file: "test.yaml", expansion: expansion, hostName: "here", for: .everything)
        let members = Configuration.memberPaths
        // Listeners may also be mappings, which is another way to write `admin.listen`.
        #expect(members.count > 70)
        for member in members {
            let found = diagnostics.positions.keys.contains { Self.matches($0, member) }
            #expect(found, "config/propylon.yaml does not have \(member)")
        }
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        // Names of models hold dots and colons, so a chosen name is anything.
        let withoutIndices = path.replacing(/\[\d+\]/, with: "")
        return NamePattern(pattern).matches(withoutIndices)
    }
}
