import ArgumentParser
import Clocks
import Foundation
import Gateway
import ManualTime
import Policy
import Settings
import Testing

@testable import Store
@testable import propylon

@Suite struct UsageCorrectionTests {
    private let folder: TemporaryFolder
    private let settings: Configuration
    private let file: String
    private let now = Timestamp(seconds: 1_795_428_000)

    init() throws {
        folder = try TemporaryFolder()
        let members = "tiers: { t: { budget_eur_per_month: 10 } }\ndefault_tier: t\n"
        settings = try configuration(in: folder, members)
        file = try folder.write("data: \(folder.path)/data\n\(members)", to: "propylon.yaml")
    }

    // MARK: Arguments

    @Test(
        arguments: [
            ("5", 5_000_000_000), ("0.25", 250_000_000), ("0.000000001", 1), ("-3", -3_000_000_000),
            ("0005", 5_000_000_000),
            ("1.000", 1_000_000_000), ("9223372036.854775807", .max),
        ] as [(String, Int64)])
    func amountsAreExact(text: String, amount: Int64) {
        #expect(EuroAmount(argument: text)?.value == NanoEuros(amount))
    }

    @Test(arguments: [
        "", "0", "0.00", "-0", "1,5", "1,000", "1.0000000001", "1e3", ".5", "5.", "+5", "five", "5 EUR",
        "9223372036.854775808",
        "５",
    ])
    func otherAmountsAreRefused(text: String) {
        #expect(EuroAmount(argument: text) == nil)
    }

    @Test func aCreditNeedsAReason() throws {
        #expect(throws: (any Error).self) { try UsageCredit.parse(["alice", "5"]) }
        for reason in ["", "  ", "a\nb", String(repeating: "r", count: 501)] {
            #expect(throws: (any Error).self) { try UsageCredit.parse(["alice", "5", "--reason", reason]) }
        }
        let command = try UsageCredit.parse(["alice", "5", "--reason", "outage of Monday"])
        #expect(command.reason.text == "outage of Monday")
        #expect(
            try UsageCredit.parse(["--reason", "r", "alice", "--", "-5"]).amount.value == NanoEuros(-5_000_000_000))
    }

    @Test func repricingNeedsAStart() throws {
        #expect(throws: (any Error).self) { try UsageReprice.parse([]) }
        #expect(try UsageReprice.parse(["--since", "7d"]).since == "7d")
    }

    // MARK: Commands

    private func storage() throws -> GatewayStorage { try GatewayStorage(settings, log: LogRecorder().logger) }

    private func key() throws -> KeyRecord {
        let database = try LedgerDatabase(directory: settings.data)
        defer { database.close() }
        return try database.issueKey("alice", tier: "t", at: now).record
    }

    /// A running gateway follows at its next look, and one that starts later finds the same.
    @Test func limitsFollowACreditNowAndAfterARestart() throws {
        let key = try key()
        let storage = try storage()
        let time = LimitTime(wall: .now, monotonic: 0)
        func limiter() throws -> Limiter {
            let limiter = Limiter(LimitRules(settings, at: .now))
            try limiter.restore(from: storage.database, keys: storage.keys.keys, at: time)
            return limiter
        }
        let running = try limiter()
        try UsageCredit.parse(["--config", file, "alice", "2.5", "--reason", "outage"]).run()
        func left(_ limiter: Limiter) -> [Int64] { limiter.states(of: key, at: time).map(\.left) }
        #expect(left(running) == [10_000_000_000])
        #expect(running.followCorrections(in: storage, at: time) == nil)
        #expect(left(running) == [12_500_000_000])
        #expect(running.followCorrections(in: storage, at: time) == nil)
        #expect(left(running) == [12_500_000_000])
        #expect(left(try limiter()) == [12_500_000_000])
        let trace = try storage.database.corrections(since: nil)
        #expect(trace.map(\.reason) == ["outage"])
        #expect(trace.map(\.madeBy) == [AuditActor.local.name])
        storage.close(LogRecorder().logger)
    }

    @Test func anUnknownKeyIsAnError() throws {
        #expect(throws: Failure.self) {
            try UsageCredit.parse(["--config", file, "nobody", "1", "--reason", "r"]).run()
        }
    }

    @Test func repricingUsesThePricesOfTheConfiguration() throws {
        let key = try key()
        let storage = try storage()
        for (number, model) in ["gpt-oss:120b", "gpt-oss:120b", "gpt-oss:20b"].enumerated() {
            var record = UsageRecord(
                id: RequestID(at: .now, random: (UInt64(number), 7)), keyID: key.id, team: nil,
                endpoint: number == 1 ? "batches" : "chat/completions", startedAt: .now)
            record.modelServed = model
            record.units.inputTokens = 1000
            record.cost = NanoEuros(5)
            storage.ledger.record(record)
        }
        storage.close(LogRecorder().logger)
        let priced = try folder.write(
            "data: \(folder.path)/data\nmodels: { prices: { \"gpt-oss:120b\": { input: 2 } } }\n", to: "priced.yaml")
        try UsageReprice.parse(["--config", priced, "--since", "1h", "--reason", "2 EUR"]).run()
        let database = try LedgerDatabase(directory: settings.data)
        defer { database.close() }
        let rows = try UsageReport(database).report(by: [.endpoint, .model], timeZone: .gmt, energy: .vendor)
        #expect(rows.map(\.cost.amount) == [1_000_000, 2_000_000, 1_800_000])
        #expect(try database.corrections(since: nil).map(\.after.amount) == [4_800_000])
    }

    // MARK: The list

    @Test func theListHasTheTrace() throws {
        let correction = Correction(
            kind: .credit, madeAt: now, madeBy: "ada", reason: "outage, Monday", keyID: "abc", team: nil, requests: 0,
            before: .zero, after: NanoEuros(-2_500_000_000))
        let zone = TimeText(zone: .gmt)
        let json = Data(UsageCorrections.text([correction], .json, zone: zone).utf8)
        let lines = try #require(JSONSerialization.jsonObject(with: json) as? [[String: Any]])
        #expect(lines.count == 1)
        #expect(
            lines[0] as NSDictionary == [
                "made_at": "2026-11-23T10:00:00Z", "made_by": "ada", "kind": "credit", "key": "abc", "team": NSNull(),
                "requests": 0, "cost_before_eur": "0", "cost_after_eur": "-2.5", "change_eur": "-2.5",
                "reason": "outage, Monday",
            ])
        let csv = UsageCorrections.text([correction], .csv, zone: zone).split(separator: "\n")
        #expect(csv.last == #"2026-11-23T10:00:00Z,ada,credit,abc,,0,0,-2.5,-2.5,"outage, Monday""#)
        #expect(UsageCorrections.text([correction], .table, zone: zone).contains("outage, Monday"))
        #expect(UsageCorrections.text([], .table, zone: nil) == "There is no correction.\n")
    }

    // MARK: Prices

    @Test func rowsOfUnknownEndpointsKeepTheirCost() {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "k", team: nil, endpoint: "of a later version", startedAt: now)
        record.units.inputTokens = 5
        #expect(UsageReprice.price(of: record, .vendor) == nil)
        record.endpoint = "other"
        #expect(UsageReprice.price(of: record, .vendor) == NanoEuros(9000))
    }

    /// Services in use without a price are found in the ledger, so that the start can warn of them.
    @Test func unpricedUseIsFound() throws {
        let key = try key()
        let storage = try storage()
        let endpoints = ["audio/speech", "images/generations", "chat/completions", "chat/completions"]
        for (number, endpoint) in endpoints.enumerated() {
            var record = UsageRecord(
                id: RequestID(at: .now, random: (UInt64(number), 9)), keyID: key.id, team: nil, endpoint: endpoint,
                startedAt: .now)
            record.modelServed = ["tts-1", "z-image:16b", "mine", "refused"][number]
            // A refused request names any model.
            if number < 3 { record.units[[.characters, .images, .inputTokens][number]] = 1 }
            storage.ledger.record(record)
        }
        storage.ledger.flush()
        let found = try UnpricedUse.find(in: storage.database, .vendor, at: .now)
        #expect(
            Set(found) == [
                MissingPrice(model: "tts-1", kind: .speech, isFree: true),
                MissingPrice(model: "z-image:16b", kind: .images, isFree: true),
                MissingPrice(model: "mine", kind: .tokens, isFree: false),
            ])
        storage.close(LogRecorder().logger)
        #expect(ConfigurationCommand.Check.warnings(of: settings).count { $0.contains("no price") } == 2)
    }
}
