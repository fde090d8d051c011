import Bytes
import Clocks
import Foundation
import Gateway
import Policy
import SeededRandom
import Testing

@testable import Settings
@testable import Store
@testable import propylon

@Suite struct FocusReportTests {
    private let folder: TemporaryFolder
    private let database: LedgerDatabase
    private let paris: TimeZone
    /// 1 September to 15 November 2026 in Paris: three months, and the end of summer time.
    private let span = Timestamp(seconds: 1_788_213_600)..<Timestamp(seconds: 1_794_697_200)

    init() throws {
        folder = try TemporaryFolder()
        database = try LedgerDatabase(directory: "\(folder.path)/data")
        paris = try #require(TimeZone(identifier: "Europe/Paris"))
    }

    /// Records of all kinds of endpoints, with tags and teams, of keys with and without a name.
    @discardableResult private func fill(_ count: Int) throws -> KeyRecord {
        let alice = try database.issueKey("alice", team: "red").record
        var generator = SeededGenerator(seed: 71)
        let writer = try LedgerWriter(database, journal: Journal(directory: "\(folder.path)/data", capacity: 4096))
        for _ in 0..<count {
            let start = Timestamp(
                seconds: .random(in: span.lowerBound.seconds..<span.upperBound.seconds, using: &generator))
            let endpoint =
                [
                    "chat/completions", "embeddings", "audio/transcriptions", "audio/speech", "images/generations",
                    "rerank",
                    "models", "unknown",
                ].randomElement(using: &generator) ?? ""
            var record = UsageRecord(
                id: RequestID(at: start, random: (generator.next(), generator.next())),
                keyID: [alice.id, "gone"].randomElement(using: &generator) ?? "",
                team: [nil, "red"].randomElement(using: &generator) ?? nil, endpoint: endpoint, startedAt: start)
            record.modelServed = [nil, "gpt-oss:120b", "gpt-oss:20b"].randomElement(using: &generator) ?? nil
            record.tags = [[], ["night"], ["a\"b", "=1"]].randomElement(using: &generator) ?? []
            record.status = 200
            let units = [Unit.inputTokens, .outputTokens, .audioMinutes, .characters, .images]
            for unit in units where Bool.random(using: &generator) {
                record.units[unit] = .random(in: 0...90_000, using: &generator)
            }
            record.cost = NanoEuros(.random(in: 0...90_000_000_001, using: &generator))
            writer.record(record)
        }
        #expect(writer.close() == 0)
        return alice
    }

    private func charges(
        _ period: FocusReport.Period, since: Timestamp? = nil, until: Timestamp? = nil,
        where filter: UsageFilter = .init()
    ) throws -> [[String: String]] {
        let report = FocusReport(period: period, zone: paris, provider: FocusProvider(.vendor))
        return try report.charges(
            UsageReport(database), since: since, until: until, where: filter, energy: .vendor
        ).map { charge in
            Dictionary(uniqueKeysWithValues: FocusColumn.all.map { ($0.name, $0.value(charge, report.provider)) })
        }
    }

    private func cost(
        since: Timestamp? = nil, until: Timestamp? = nil, where filter: UsageFilter = .init()
    ) throws -> UsageRow {
        try #require(
            try UsageReport(database).report(
                by: [], since: since, until: until, where: filter, timeZone: paris, energy: .vendor
            ).first)
    }

    /// Nano-euros of a column's values.
    private func sum(_ charges: [[String: String]], _ column: String = "BilledCost") -> Int64 {
        charges.reduce(0) { $0 + (EuroAmount(argument: $1[column] ?? "")?.value.amount ?? 0) }
    }

    private func reprice(since: Timestamp, at now: Timestamp) throws {
        _ = try database.reprice(since: since, by: .test, reason: "r", at: now) { record in
            NanoEuros(record.cost.amount / 3 * 2 + 7)
        }
    }

    /// Every charge of any kind follows the specification, and all together cost what the report says.
    @Test(arguments: [FocusReport.Period.day, .hour]) func conforms(period: FocusReport.Period) throws {
        let alice = try fill(900)
        _ = try database.credit(
            NanoEuros(2_500_000_001), to: alice, by: .test, reason: "outage", at: Timestamp(seconds: 1_793_000_000))
        try reprice(since: span.lowerBound, at: Timestamp(seconds: 1_790_900_000))
        try reprice(since: Timestamp(seconds: 1_790_000_000), at: span.upperBound)
        let charges = try charges(period)
        let categories = Set(charges.map { "\($0["ChargeCategory"] ?? "") \($0["ChargeClass"] ?? "")" })
        #expect(categories == ["Usage ", "Usage Correction", "Credit ", "Adjustment "])
        for charge in charges {
            for rule in FocusRule.mandatory + FocusRule.conditional {
                let isAllowed = charge[rule.column].map(rule.allows) ?? false
                #expect(isAllowed, "\(rule.column): \(charge)")
            }
            #expect(FocusRule.broken(by: charge) == [], "\(charge)")
        }
        let expected = try cost()
        for column in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"] {
            #expect(sum(charges, column) == expected.cost.amount)
        }
        func total(_ column: String) -> Int64 { charges.reduce(0) { $0 + (Int64($1[column] ?? "") ?? 0) } }
        #expect(total("x_InputTokens") == expected.units.inputTokens)
        #expect(total("x_OutputTokens") == expected.units.outputTokens)
        database.close()
    }

    /// Names are those of the specification or begin with `x_`, in its order and once.
    @Test func columnsAreThoseOfTheSpecification() {
        let names = FocusColumn.all.map(\.name)
        let known = (FocusRule.mandatory + FocusRule.conditional).map(\.column)
        let own = names.filter { !$0.hasPrefix("x_") }
        #expect(own == known.sorted())
        #expect(names.prefix(own.count) == own[...])
        let custom = names.dropFirst(own.count)
        #expect(custom.allSatisfy { $0.wholeMatch(of: /x_([A-Z][a-z]+)+/) != nil && $0.count <= 50 })
        #expect(Set(names).count == names.count)
        database.close()
    }

    @Test func everySpanAndFilterCostsWhatTheReportSays() throws {
        try fill(400)
        try reprice(since: span.lowerBound, at: span.upperBound)
        var generator = SeededGenerator(seed: 72)
        for round in 0..<12 {
            let bounds = (0..<2).map { _ in
                Timestamp(seconds: .random(in: span.lowerBound.seconds..<span.upperBound.seconds, using: &generator))
            }.sorted()
            var filter = UsageFilter()
            if round % 2 == 0 { filter.admit("gpt-oss:20b", of: .model) }
            if round % 3 == 0 { filter.admit("night", of: .tag) }
            let charges = try charges(.hour, since: bounds[0], until: bounds[1], where: filter)
            #expect(try sum(charges) == cost(since: bounds[0], until: bounds[1], where: filter).cost.amount)
        }
        database.close()
    }

    /// A month that was over costs in its own billing period what it did before, and the change is billed in the month of the command.
    @Test func aRepricingLeavesClosedMonthsAlone() throws {
        try fill(300)
        let september = "2026-08-31T22:00:00Z"
        let november = "2026-10-31T23:00:00Z"
        func billed(_ month: String) throws -> Int64 {
            sum(try charges(.day).filter { $0["BillingPeriodStart"] == month })
        }
        let (before, whole) = (try billed(september), try cost().cost.amount)
        try reprice(since: span.lowerBound, at: span.upperBound)
        #expect(try billed(september) == before)
        let corrections = try charges(.day).filter { $0["ChargeClass"] == "Correction" }
        #expect(corrections.allSatisfy { $0["BillingPeriodStart"] == november })
        #expect(try cost().cost.amount < whole)
        #expect(sum(corrections) < 0)
        database.close()
    }

    @Test func tagsCountOnceAndAreAnObject() throws {
        try fill(200)
        let charges = try charges(.day)
        let tags = Set(charges.map { $0["Tags"] ?? "" })
        #expect(tags == ["", #"{"night":true}"#, #"{"a\"b":true,"=1":true}"#])
        #expect(try sum(charges) == cost().cost.amount)
        database.close()
    }

    @Test func unitsAreThoseThatAreBilled() {
        var row = UsageRow(groups: [])
        row.requests = 3
        func consumption(_ kind: ServiceKind?) -> String {
            let consumption = FocusCharge.Consumption(row, kind: kind)
            return "\(consumption.decimal) \(consumption.unit)"
        }
        #expect(consumption(.tokens) == "3.0 Requests")
        row.units.searchUnits = 2
        #expect(consumption(.tokens) == "2.0 Units")
        (row.units.inputTokens, row.units.outputTokens, row.units.reasoningTokens) = (5, 7, 6)
        #expect(Set(ServiceKind.allCases.map(consumption)) == ["12.0 Tokens"])
        (row.units.audioMinutes, row.units.characters, row.units.images) = (1, 20, 4)
        #expect(consumption(.transcription) == "1.0 Minutes")
        #expect(consumption(.speech) == "20.0 Characters")
        #expect(consumption(.images) == "4.0 Images")
        #expect(consumption(.rerank) == "12.0 Tokens")
        #expect(consumption(nil) == "12.0 Tokens")
    }

    @Test func otherUpstreamsHaveTheNamesOfTheirHosts() throws {
        let other = try FocusProvider(UpstreamURL(parsing: "https://llm.example.com:8443/v1"))
        #expect([other.name, other.account] == ["llm.example.com", "llm.example.com"])
        #expect(FocusProvider(.vendor).name == "Cloud Temple")
    }

    @Test func onlyChargePeriodsAreGroups() throws {
        #expect(FocusReport.Period([.key]) == .day)
        #expect(FocusReport.Period([.day]) == .day)
        #expect(FocusReport.Period([.hour]) == .hour)
        #expect(try UsageShow.parse(["--format", "focus", "--by", "hour"]).format == .focus)
        for wrong in [["--by", "model"], ["--by", "day,key"], ["--top", "3"], ["--sort", "cost"], ["--speed"]] {
            #expect(throws: (any Error).self) { try UsageShow.parse(["--format", "focus"] + wrong) }
        }
    }
}
