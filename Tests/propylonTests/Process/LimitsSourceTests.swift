import Admin
import Clocks
import Dispatch
import Foundation
import ManualTime
import Policy
import Settings
import Store
import Synchronization
import Testing

@testable import propylon

@Suite struct LimitsSourceTests {
    private struct Keys: KeyDirectory {
        let keys: KeySnapshot
        func latestKeys() async -> KeySnapshot { keys }
    }

    private let folder: TemporaryFolder
    private let store: KeyStore
    private let time = ManualTime.inNovember()
    private let limiter: Limiter
    private let ada: KeyRecord
    private let bob: KeyRecord

    init() throws {
        folder = try TemporaryFolder()
        store = KeyStore(try LedgerDatabase(directory: folder.path), by: .test)
        let settings = try configuration(
            """
            time_zone: UTC
            tiers:
              t: { requests_per_minute: 20, budget_eur_per_month: 2.5, output_tokens_per_day: 100 }
              shared: { output_tokens_per_day: 1000 }
            teams: { red: { tier: shared } }
            """)
        limiter = Limiter(LimitRules(settings, at: time.now))
        ada = KeyRecord(
            id: "aaaaaaaaaa", name: "ada", tier: "t", team: "red", createdAt: time.now, digest: KeyDigest(1, 2, 3, 4))
        bob = KeyRecord(
            id: "bbbbbbbbbb", name: "bob", tier: "t", team: "red", createdAt: time.now, digest: KeyDigest(5, 6, 7, 8))
        try limiter.use(
            LimitAmounts(tokens: 60, outputTokens: 40, cost: 500_000_000), of: ada, at: time.limitTime)
    }

    private func source(_ keys: KeyRecord...) -> LimitsSource {
        LimitsSource(limiter: limiter, keys: Keys(keys: KeySnapshot(keys)), store: store, time: time)
    }

    @Test func oneKeyHasItsOwnLimitsAndThoseOfItsTeam() throws {
        let report = source(ada, bob).limits(of: ada)
        let tokens = report.limits.filter { $0.limit == "output_tokens_per_day" }
        #expect(tokens.map(\.scope) == ["key", "team"])
        #expect(tokens.map(\.subject) == ["aaaaaaaaaa", "red"])
        #expect(tokens.map(\.allowed) == ["100", "1000"])
        #expect(tokens.map(\.used) == ["40", "40"])
        #expect(tokens.map(\.left) == ["60", "960"])
    }

    @Test func theTightestLimitIsFirst() throws {
        let report = source(ada, bob).limits(.init())
        #expect(report.limits.map(\.percent) == report.limits.map(\.percent).sorted(by: >))
        #expect(report.limits.first?.limit == "output_tokens_per_day")
        #expect(report.limits.first?.name == "ada")
        #expect(report.limits.first?.percent == 40)
        #expect(report.limits.first { $0.scope == "team" }.map { $0.name == nil && $0.percent == 4 } == true)
        let text = try report.text(TimeText(zone: .gmt))
        #expect(text.contains("ada (aaaaaaaaaa)  output_tokens_per_day "))
        #expect(text.contains("11-23 00:00  11-24 00:00"))
        #expect(text.split(separator: "\n").allSatisfy { TextWidth.of($0) <= TextTable.limit })
    }

    @Test(arguments: [(0, 3), (4, 100), (5, 2), (101, 1)]) func aQuerySelects(above: Int, top: Int) {
        let all = source(ada, bob).limits(.init()).limits
        let counted = all.filter { $0.percent >= above }
        let report = source(ada, bob).limits(.init(above: above, top: top))
        #expect(report.limits == Array(counted.prefix(top)))
        #expect(report.total == counted.count)
    }

    @Test func moneyIsInEuros() throws {
        let report = source(ada).limits(of: ada)
        let budget = try #require(report.limits.first { $0.limit == "budget_eur_per_month" })
        #expect(budget.allowed == "2.5")
        #expect(budget.used == "0.5")
        #expect(budget.left == "2")
    }

    @Test func windowsAreInUTC() throws {
        let report = source(ada).limits(of: ada)
        let day = try #require(report.limits.first { $0.limit == "output_tokens_per_day" })
        #expect(day.windowStart == "2026-11-23T00:00:00Z")
        #expect(day.windowEnd == "2026-11-24T00:00:00Z")
    }

    @Test func sharedLimitsStandOnceForAllKeys() throws {
        let report = source(ada, bob).limits(.init())
        #expect(report.limits.count { $0.scope == "team" } == 1)
        #expect(report.limits.count { $0.limit == "output_tokens_per_day" } == 3)
    }

    /// Under traffic the use changes between two keys of a report: what is shared stands once all the same.
    @Test func sharedLimitsStandOnceWhileTheyChange() throws {
        let settings = try configuration(
            """
            upstream: { tier: shared }
            tiers: { shared: { output_tokens_per_day: 100000000, requests_per_minute: 1000000 } }
            """)
        let limiter = Limiter(LimitRules(settings, at: time.now))
        let keys = (0..<2000).map { number in
            KeyRecord(
                id: "key\(number)", name: "k", tier: "monthly", createdAt: time.now,
                digest: KeyDigest(UInt64(number), 0, 0, 1))
        }
        let source = LimitsSource(limiter: limiter, keys: Keys(keys: KeySnapshot(keys)), store: store, time: time)
        let ends = Atomic<Bool>(false)
        let charged = DispatchGroup()
        let now = time.limitTime
        DispatchQueue.global().async(group: charged) {
            while !ends.load(ordering: .relaxed) {
                _ = try? limiter.use(LimitAmounts(requests: 1, tokens: 1, outputTokens: 1), of: keys[0], at: now)
            }
        }
        let reports = (0..<5).map { _ in source.limits(.init()) }
        ends.store(true, ordering: .relaxed)
        charged.wait()
        for report in reports {
            #expect(report.limits.map(\.limit) == ["requests_per_minute", "output_tokens_per_day"])
        }
    }

    @Test func modelsAndUsersAreNamed() throws {
        let settings = try configuration(
            """
            time_zone: UTC
            tiers:
              t: { per_model: { "gpt-oss:*": { requests_per_day: 9 } }, per_user: { budget_eur_total: 5 } }
              shared: { per_user: { requests_per_day: 7 } }
            teams: { red: { tier: shared } }
            """)
        let limiter = Limiter(LimitRules(settings, at: time.now))
        let keys = KeySnapshot([ada, bob])
        let uses = ["eve", ""].map { user in
            LimitHistory.Use(
                UsageOwner(keyID: ada.id, team: "red", model: "gpt-oss:20b", user: user),
                amounts: LimitAmounts(requests: 2, cost: 500_000_000))
        }
        limiter.restore(LimitHistory(uses: [.day: uses, .total: uses]), keys: keys, at: time.limitTime)
        let report = LimitsSource(limiter: limiter, keys: Keys(keys: keys), store: store, time: time).limits(.init())
        #expect(
            report.limits.map { [$0.scope, $0.subject, $0.model, $0.user, $0.used] } == [
                ["key", ada.id, "gpt-oss:*", nil, "4"], ["team", "red", nil, "", "2"],
                ["team", "red", nil, "eve", "2"],
                ["key", ada.id, nil, "", "0.5"], ["key", ada.id, nil, "eve", "0.5"],
                ["key", bob.id, "gpt-oss:*", nil, "0"],
            ])
        #expect(try JSONDecoder().decode(LimitsReport.self, from: Data(report.json)) == report)
        let lines = try report.text(TimeText(zone: .gmt)).split(separator: "\n").map {
            $0.split(separator: " ").prefix(4).joined(separator: " ")
        }
        #expect(lines.contains { $0.hasPrefix("ada (aaaaaaaaaa) model") })
        #expect(lines.contains("ada (aaaaaaaaaa) user -"))
        #expect(lines.contains("team red user eve"))
    }

    @Test func revokedKeysAreLeftOut() throws {
        let revoked = KeyRecord(
            id: bob.id, name: "bob", tier: "t", createdAt: time.now, revokedAt: time.now, digest: bob.digest)
        let report = source(ada, revoked).limits(.init())
        #expect(!report.limits.contains { $0.subject == bob.id })
    }

    /// A key that a command has created works at once, so its limits are shown at once.
    @Test func aKeyThatIsNotInMemoryYetIsFoundByItsIDAndItsName() throws {
        try store.create(ada)
        #expect(try source().limits(ofKey: ada.id) == source(ada).limits(of: ada))
        #expect(try source().limits(ofKey: "ada") == source(ada).limits(of: ada))
    }

    @Test func anUnknownKeyHasNoReport() {
        #expect {
            try source(ada).limits(ofKey: "none")
        } throws: { error in
            (error as? AdminProblem)?.status == 404
        }
    }

    @Test func jsonIsReadAgain() throws {
        let report = source(ada, bob).limits(.init())
        #expect(try JSONDecoder().decode(LimitsReport.self, from: Data(report.json)) == report)
    }

    @Test func theTableHasTimesInTheConfiguredZone() throws {
        let report = source(ada).limits(of: ada)
        let text = try report.text(TimeText(zone: TimeZone(identifier: "Europe/Paris") ?? .gmt))
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.first == "WHOSE LIMIT USED RESERVED LEFT ALLOWED % FROM UNTIL")
        #expect(
            lines.contains("ada (aaaaaaaaaa) output_tokens_per_day 40 0 60 100 40 11-23 01:00 11-24 01:00"))
        #expect(lines.contains("ada (aaaaaaaaaa) requests_per_minute 1 0 19 20 5 - -"))
    }

    @Test func withoutLimitsTheTableIsASentence() throws {
        #expect(try LimitsReport(limits: [], total: 0).text(TimeText(zone: .gmt)) == "No limit applies.\n")
    }
}
