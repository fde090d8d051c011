import Testing

@testable import Policy

/// The table of limits, in the words of messages and of the configuration.
@Suite struct LimitKindTests {
    struct Row: Sendable {
        var kind: LimitKind
        var name: String
        var family: LimitKind.Family
        /// The limit of 2,500,000,000 units in words.
        var text: String
        var amount: String
    }

    static let rows = [
        Row(
            kind: .requestsPerMinute, name: "requests_per_minute", family: .rate, text: "2500000000 requests a minute",
            amount: "2500000000"),
        Row(
            kind: .tokensPerMinute, name: "tokens_per_minute", family: .rate, text: "2500000000 tokens a minute",
            amount: "2500000000 tokens"),
        Row(
            kind: .requestsPerDay, name: "requests_per_day", family: .quota, text: "2500000000 requests a day",
            amount: "2500000000"),
        Row(
            kind: .tokensPerDay, name: "tokens_per_day", family: .quota, text: "2500000000 tokens a day",
            amount: "2500000000 tokens"),
        Row(
            kind: .outputTokensPerHour, name: "output_tokens_per_hour", family: .quota,
            text: "2500000000 output tokens an hour", amount: "2500000000 output tokens"),
        Row(
            kind: .outputTokensPerDay, name: "output_tokens_per_day", family: .quota,
            text: "2500000000 output tokens a day", amount: "2500000000 output tokens"),
        Row(
            kind: .budgetPerDay, name: "budget_eur_per_day", family: .budget, text: "2.5 EUR a day", amount: "2.5 EUR"),
        Row(
            kind: .budgetPerWeek, name: "budget_eur_per_week", family: .budget, text: "2.5 EUR a week",
            amount: "2.5 EUR"),
        Row(
            kind: .budgetPerMonth, name: "budget_eur_per_month", family: .budget, text: "2.5 EUR a month",
            amount: "2.5 EUR"),
        Row(
            kind: .budgetInTotal, name: "budget_eur_total", family: .budget, text: "2.5 EUR in total",
            amount: "2.5 EUR"),
        Row(
            kind: .concurrentRequests, name: "concurrent_requests", family: .concurrency,
            text: "2500000000 requests at one time", amount: "2500000000"),
        Row(
            kind: .maxOutputTokens, name: "max_output_tokens", family: .quota,
            text: "2500000000 output tokens a request", amount: "2500000000 output tokens"),
    ]

    @Test func everyKindHasARowHere() {
        #expect(Self.rows.map(\.kind) == LimitKind.allCases)
    }

    @Test(arguments: rows)
    func kindSaysWhatItsRowSays(row: Row) {
        #expect(row.kind.rawValue == row.name)
        #expect(row.kind.family == row.family)
        #expect(row.kind.text(2_500_000_000) == row.text)
        #expect(row.kind.amount(2_500_000_000) == row.amount)
        #expect(row.kind.isMoney == row.amount.hasSuffix("EUR"))
    }

    @Test func plainAmountsHaveNoUnit() {
        #expect(LimitKind.tokensPerMinute.plainAmount(40) == "40")
        #expect(LimitKind.requestsPerMinute.plainAmount(3) == "3")
        #expect(LimitKind.budgetPerDay.plainAmount(1) == "0.000000001")
    }

    @Test func everyKindHasAMeaningOfItsOwn() {
        #expect(Set(LimitKind.allCases.map(\.meaning)).count == LimitKind.allCases.count)
    }

    @Test func placesAreThoseOfTheCases() {
        #expect(LimitKind.allCases.map(\.place) == Array(0..<PerKind<Int>.count))
    }

    @Test func tablesHaveTheKindsOfTheirForm() {
        let rates = LimitKind.rateKinds.indices.map { LimitKind.rateKinds[$0] }
        #expect(rates.map(\.kind) == LimitKind.allCases.filter { $0.form == .rate })
        #expect(rates.map(\.unit) == rates.map(\.kind.unit))
        let windows = LimitKind.windowKinds.indices.map { LimitKind.windowKinds[$0] }
        #expect(windows.map { .window($0.window) } == windows.map(\.kind.form))
        #expect(windows.map(\.unit) == windows.map(\.kind.unit))
    }

    @Test func outputIsBoundedByEveryLimitButThoseOfRequests() {
        #expect(LimitKind.allCases.filter { !$0.boundsOutput }.allSatisfy { $0.unit == .requests })
        #expect(LimitKind.budgetPerMonth.boundsOutput)
    }

    /// Admission is bound by memory when there are many keys.
    @Test func usageOfAScopeStaysSmall() {
        #expect(MemoryLayout<ScopeUsage>.stride == 112 + 24 * PerWindowKind<Int>.count)
        #expect(MemoryLayout<ScopeUsage>.stride <= 304)
    }

    @Test func perWindowHasAPlaceForEachWindow() {
        #expect(LimitWindow.allCases.map(\.rawValue) == Array(0..<PerWindow<Int>.count))
    }

    /// A week may lie in two months, and every other window within the longer ones.
    @Test func windowsAreParts() {
        for (place, longer) in LimitWindow.allCases.enumerated() {
            let parts = LimitWindow.allCases.filter { $0.isPart(of: longer) }
            #expect(parts == LimitWindow.allCases.prefix(place).filter { longer != .month || $0 != .week })
        }
    }
}
