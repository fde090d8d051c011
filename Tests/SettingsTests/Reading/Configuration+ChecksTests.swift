import Policy
import SeededRandom
import Testing

@testable import Settings

/// Members that contradict each other.
@Suite struct ConfigurationChecksTests {
    @Test(arguments: [
        (
            "listen: [\"127.0.0.1:1\", \"127.0.0.1:1\"]", "1:25 listen[1]",
            "listens on 127.0.0.1:1, as listen[0] already does"
        ),
        ("admin: { listen: 127.0.0.1:8080 }", "1:18 admin.listen", "listens on 127.0.0.1:8080, as listen already does"),
        (
            "listen: { address: 127.0.0.1:8081 }", "1:1 admin.listen",
            "listens on 127.0.0.1:8081, as listen already does"
        ),
        (
            "listen: [\"[::1]:1\", { address: \"[::1]:1\" }]", "1:21 listen[1]",
            "listens on [::1]:1, as listen[0] already does"
        ),
    ])
    func listenersDiffer(text: String, place: String, message: String) {
        let found = issues(text)
        #expect(found.map { "\($0.line):\($0.column) \($0.path)" } == [place])
        #expect(found.map(\.message) == [message])
    }

    @Test(arguments: [
        "listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"]", "listen: [\"127.0.0.1:1\", \"[::1]:1\"]",
        "listen: [\"127.0.0.1:0\", \"127.0.0.1:0\"]", "admin: { listen: 127.0.0.1:0 }",
    ])
    func theseDo(text: String) { #expect(places(text).isEmpty) }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost"]) func loopbackNeedsNoToken(host: String) {
        #expect(places("admin: { listen: \"\(host):81\" }").isEmpty)
    }

    @Test(arguments: ["0.0.0.0", "10.0.0.1", "[::]", "gateway.example", "127.0.0"]) func othersDo(host: String) {
        #expect(places("admin: { listen: \"\(host):81\" }") == ["1:18 admin.listen"])
        #expect(places("admin: { listen: \"\(host):81\", token: t }").isEmpty)
    }

    /// Tokens that nobody could name or tell apart.
    @Test(
        arguments: [
            ("{ name: a, token: t1 }, { name: a, token: t2 }", ["admin.tokens[1].name"]),
            ("{ name: a, token: t1 }, { name: b, token: t1 }", ["admin.tokens[1].token"]),
            ("{ name: a, token: own }", ["admin.tokens[0].token"]),
            ("{ name: admin, token: t }", ["admin.tokens[0].name"]),
            ("{ name: anonymous, token: t }", ["admin.tokens[0].name"]), ("{ token: t }", ["admin.tokens[0].name"]),
            ("{ name: a }", ["admin.tokens[0].token"]), ("{ name: a, token: \"\" }", ["admin.tokens[0].token"]),
            ("{ name: a, token: t, scope: raed }", ["admin.tokens[0].scope"]),
            ("{ name: a, token: t, scope: \"keys:team=\" }", ["admin.tokens[0].scope"]),
            ("{ name: a, token: t, scope: \"keys:team=blue\" }", ["admin.tokens[0].scope"]),
            ("{ name: a, token: t, scope: \"keys:team=red\" }, { name: b, token: t2, scope: admin }", []),
        ])
    func adminTokensDiffer(tokens: String, paths: [String]) {
        let found = issues("admin: { token: own, tokens: [\(tokens)] }\nteams: { red: { tier: tier-1 } }\n")
        #expect(found.map(\.path) == paths)
    }

    @Test func aFurtherTokenIsEnoughBeyondThisMachine() {
        #expect(places("admin: { listen: \"0.0.0.0:81\", tokens: [{ name: a, token: t }] }").isEmpty)
    }

    @Test func everyNamedTierIsChecked() {
        let text = """
            default_tier: a
            upstream: { tier: b }
            teams:
              x: { tier: c }
              y: { tier: monthly }
            """
        #expect(places(text) == ["1:15 default_tier", "2:19 upstream.tier", "4:14 teams.x.tier"])
        #expect(places(text + "\ntiers: { a: {}, b: {}, c: {} }").isEmpty)
    }

    @Test func unknownTiersAreListedWithTheKnownOnes() {
        let issue = issues("tiers: { student: {} }\ndefault_tier: studant\n").first
        #expect(issue?.message == "there is no such tier; there are monthly, student, tier-1, tier-2, tier-3, tier-4")
        #expect(issue?.suggestion == "student")
    }

    /// A model of the order of windows: the longer one has the larger limit, or one of both is missing.
    @Test func ordersOfWindowsAreThoseOfAModel() {
        let pairs: [(LimitKind, LimitKind)] = [
            (.outputTokensPerHour, .outputTokensPerDay), (.budgetPerDay, .budgetPerMonth),
        ]
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<100 {
            let values = pairs.map { _ in
                (0..<2).map { _ in Bool.random(using: &generator) ? Int.random(in: 1...4, using: &generator) : nil }
            }
            var members: [String] = []
            var expected: [String] = []
            for (pair, value) in zip(pairs, values) {
                if let shorter = value[0] { members.append("\(pair.0.rawValue): \(shorter)") }
                if let longer = value[1] { members.append("\(pair.1.rawValue): \(longer)") }
                if let shorter = value[0], let longer = value[1], shorter > longer {
                    expected.append("tiers.a.\(pair.0.rawValue)")
                }
            }
            let found = issues("tiers: { a: { \(members.joined(separator: ", ")) } }")
            #expect(found.map(\.path) == expected)
        }
    }

    /// A week may lie in two months: its budget is compared with those of windows that contain it.
    @Test func aWeekIsComparedWithWhatContainsIt() {
        #expect(places("tiers: { a: { budget_eur_per_week: 3, budget_eur_per_month: 2 } }").isEmpty)
        #expect(
            places("tiers: { a: { budget_eur_per_week: 3, budget_eur_total: 2 } }")
                == ["1:36 tiers.a.budget_eur_per_week"])
        #expect(
            places("tiers: { a: { budget_eur_per_day: 3, budget_eur_per_week: 2 } }")
                == ["1:35 tiers.a.budget_eur_per_day"])
    }

    @Test func limitsOfOtherUnitsAreNotCompared() {
        #expect(places("tiers: { a: { tokens_per_minute: 100, output_tokens_per_hour: 1 } }").isEmpty)
        #expect(places("tiers: { a: { requests_per_minute: 100, concurrent_requests: 1 } }").isEmpty)
    }

    @Test func aBuiltInTierIsCheckedWithItsOtherLimits() {
        #expect(places("tiers: { tier-1: { budget_eur_per_day: 1001 } }") == ["1:40 tiers.tier-1.budget_eur_per_day"])
        #expect(places("tiers: { tier-1: { budget_eur_per_day: 1000 } }").isEmpty)
    }
}
