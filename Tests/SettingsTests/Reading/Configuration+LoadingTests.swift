import SeededRandom
import Settings
import Testing

/// What loading as a whole promises; each member has its test with its reader.
@Suite struct ConfigurationLoadingTests {
    @Test func emptyTextIsTheDefaults() throws {
        let defaults = try Configuration.defaults(environment: [:], hostName: "here").0
        for text in ["", "# nothing\n", "null\n", "{}\n", "---\n", "upstream:\nlimits: null\n"] {
            let (configuration, warnings) = try load(text)
            #expect(configuration == defaults)
            #expect(warnings.isEmpty)
        }
    }

    @Test func defaultsTakeTheEnvironment() throws {
        let environment = ["LLMAAS_API_KEY": "upstream-key", "LLMAAS_API_URL": "http://localhost:1/v1"]
        let configuration = try Configuration.defaults(environment: environment).0
        #expect(configuration.upstream.apiKeys == [Secret("upstream-key")])
        #expect(configuration.upstream.baseURL.host == "localhost")
        #expect(configuration.admin.token == nil)
    }

    @Test func defaultsCanBeWrongByTheEnvironment() throws {
        let error = try #require(throws: ConfigurationErrors.self) {
            try Configuration.defaults(environment: ["LLMAAS_API_URL": "nonsense"])
        }
        #expect(error.issues.map(\.path) == ["upstream.base_url"])
        #expect(!error.description.contains("nonsense"))
    }

    @Test func everyErrorIsToldInTheOrderOfTheFile() {
        let text = """
            listen: 127.0.0.1:70000
            limits:
              header_bytes: huge
              conections: 5
            default_tier: montly
            upstream:
              first_byte_timeout: 0s
              retries: -1
            log: { level: loud, access: yes }
            nonsense: 1
            """
        #expect(
            places(text) == [
                "1:9 listen", "3:17 limits.header_bytes", "4:3 limits.conections", "5:15 default_tier",
                "7:23 upstream.first_byte_timeout", "8:12 upstream.retries", "9:15 log.level", "9:29 log.access",
                "10:1 nonsense",
            ])
        #expect(
            issues(text).map(\.suggestion) == [
                nil, nil, "connections", "monthly", nil, nil, nil, "true", nil,
            ])
    }

    @Test func aLineOfAnErrorIsOneToPointAt() throws {
        let issue = try #require(issues("limits:\n  conections: 5\n").first)
        #expect(
            issue.description
                == "test.yaml:2:3: error: limits.conections: there is no such member; did you mean connections?")
    }

    @Test func anErrorOfSyntaxHidesNoOtherOne() {
        #expect(places("listen: [1\nnonsense: 2\n") == ["1:9 ", "2:1 nonsense"])
    }

    @Test func rootMustHaveMembers() {
        #expect(places("- a\n") == ["1:1 "])
        #expect(places("just text\n") == ["1:1 "])
    }

    @Test func wrongKindsAreErrors() {
        #expect(places("limits: 5\n") == ["1:9 limits"])
        #expect(places("limits: [a]\n") == ["1:9 limits"])
        #expect(places("data: [a]\n") == ["1:7 data"])
        #expect(places("data: {a: b}\n") == ["1:7 data"])
        #expect(places("? [a]\n: 1\n") == ["1:3 "])
        #expect(places("tiers: {student: 5}\n") == ["1:18 tiers.student"])
        #expect(places("teams: [research]\n") == ["1:8 teams"])
        #expect(places("models: {aliases: text}\n") == ["1:19 models.aliases"])
    }

    @Test func membersThatStandTwiceAreErrorsBesideAllOthers() {
        let text = """
            data: a
            limits:
              connections: 5
              "connections": 6
              header_bytes: wrong
            data: b
            tiers:
              x: { weight: 1, weight: 2, weight: 0 }
            data: c
            """
        #expect(
            places(text) == [
                "4:3 limits.connections", "5:17 limits.header_bytes", "6:1 data", "8:19 tiers.x.weight",
                "8:30 tiers.x.weight",
                "8:38 tiers.x.weight", "9:1 data",
            ])
        #expect(issues("data: a\n\ndata: b\n")[0].message.contains("line 1"))
    }

    @Test func valuesFromOutsideAreNotReadAsYAML() throws {
        let (configuration, _) = try load(
            "data: ${A}\nmachine_name: \"${B}\"\n", environment: ["A": "x\nlog: {level: trace}", "B": "[a]"])
        #expect(configuration.data == "x\nlog: {level: trace}")
        #expect(configuration.machineName == "[a]")
        #expect(configuration.log.level == .info)
    }

    @Test func variablesWorkInEveryKindOfMember() throws {
        let text = """
            limits: { connections: "${N}", header_timeout: "${T}", body_bytes: "${S}" }
            log: { access: "${B}", level: "${L}" }
            tiers: { a: { alert_at: ["${N}"], budget_eur_per_day: "${E:-0.5}" } }
            """
        let environment = ["N": "77", "T": "5s", "S": "2MiB", "B": "false", "L": "debug"]
        let (configuration, _) = try load(text, environment: environment)
        #expect(configuration.limits.connections == 77)
        #expect(configuration.limits.headerTimeout == .seconds(5))
        #expect(configuration.limits.bodyBytes == 2 << 20)
        #expect(!configuration.log.access)
        #expect(configuration.log.level == .debug)
        #expect(configuration.tiers["a"]?.alertAt == [77])
        #expect(configuration.tiers["a"]?[.budgetPerDay] == 500_000_000)
    }

    @Test func missingVariablesAndFilesAreErrorsWithTheirPlace() {
        #expect(places("data: ${MISSING}\nadmin:\n  token: ${file:/none}\n") == ["1:7 data", "3:10 admin.token"])
        #expect(places("data: x\nlog:\n  level: \"${\"\n") == ["3:10 log.level"])
    }

    @Test func emptyValuesCountAsNotSet() throws {
        let (configuration, _) = try load("data: ${A:-}\nadmin: {token: \"\"}\nupstream: {tier: \"${A:-}\"}\n")
        #expect(configuration.data == "./data")
        #expect(configuration.admin.token == nil)
        #expect(configuration.upstream.tier == nil)
    }

    @Test func quotedNullIsAText() throws {
        #expect(try load("data: \"null\"\n").0.data == "null")
        #expect(try load("data: null\n").0.data == "./data")
    }

    @Test func whatCameFromOutsideIsNeverShown() {
        let text = """
            listen: ${A}
            admin: {listen: "${A}", token: "${A}"}
            upstream: {base_url: "${A}", api_keys: ["${A}"], retries: "${A}", connect_timeout: "${N}"}
            alerts: {webhook: "${A}"}
            default_tier: ${A}
            teams: {x: {tier: "${A}"}}
            log: {level: "${A}", access: "${A}"}
            time_zone: ${file:/a}
            models: {aliases: {a: "${A}", b: a}}
            """
        let found = issues(text, environment: ["A": "sword fish", "N": "4711"], files: ["/a": "sword fish"])
        #expect(found.count > 10)
        for issue in found {
            #expect(!issue.description.contains("fish") && !issue.description.contains("4711"), "\(issue.path)")
        }
    }

    @Test func secretsInTheFileAreNeverShown() throws {
        let text = """
            admin: {token: "sword fish"}
            upstream: {base_url: "https://me:swordfish@host/", api_keys: ["sword fish", [swordfish]]}
            alerts: {webhooks: [{url: "swordfish?", secret: swordfish}]}
            """
        let found = issues(text)
        #expect(found.count == 6)
        #expect(!found.map(\.description).joined().contains("fish"))
        let (configuration, _) = try load(
            """
            admin: {token: swordfish}
            upstream: {api_keys: swordfish-12}
            alerts: {webhooks: [{url: https://a/swordfish, secret: whsec_swordfishswordfishswordfishsword}]}
            """
        )
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", dumped, try configuration.show()] { #expect(!text.contains("swordfish")) }
    }

    @Test func positionsCountScalarsNotBytes() {
        #expect(
            places("machine_name: \"é\"\nlog: { \"level\": \"é\", access: maybe }\n") == [
                "1:15 machine_name", "2:17 log.level", "2:30 log.access",
            ])
    }

    /// Damaged files are refused, or read: nothing else. Each error has a place in the file.
    @Test func damagedTextIsNeverFatal() throws {
        let text = try load("listen: [\"[::1]:1\"]\ntiers: {a: {models: [x], weight: 2}}\nlog: {format: json}").0.show()
        let scalars = Array(text.unicodeScalars)
        let telling = Array("\n :-#{}[]\"'&*!|>%@`$?,~0a\t\u{85}\u{FEFF}\u{2028}\u{1}é".unicodeScalars)
        var generator = SeededGenerator(seed: 23)
        var refused = 0
        for _ in 0..<250 {
            var damaged = scalars
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[index] = telling.randomElement(using: &generator)!
                case 1: damaged.insert(telling.randomElement(using: &generator)!, at: index)
                default: damaged.removeSubrange(index..<min(damaged.count, index + 20))
                }
            }
            var damagedText = ""
            damagedText.unicodeScalars.append(contentsOf: damaged)
            // libYAML points to the line after the last one for what is missing at the end.
            let lines = damaged.count { ["\n", "\r", "\u{85}", "\u{2028}"].contains($0) } + 2
            let found = issues(damagedText)
            refused += found.isEmpty ? 0 : 1
            #expect(found.allSatisfy { 1...lines ~= $0.line && $0.column >= 1 })
        }
        #expect(refused > 100)
    }

    @Test func yamlAliasesAreWrongOnce() {
        #expect(places("tiers: {a: &a {weight: 0}, b: *a}\n").filter { $0.hasPrefix("1:24") }.count == 2)
    }
}
