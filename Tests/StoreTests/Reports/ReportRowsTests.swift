import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct ReportRowsTests {
    private let folder = TemporaryFolder()

    @Test func theDearestComeFirstUnlessTimeIsAsked() {
        #expect(UsageOrder.usual(by: [.key]) == .cost)
        #expect(UsageOrder.usual(by: [.model, .day]) == .cost)
        #expect(UsageOrder.usual(by: []) == .cost)
        for time in [UsageGrouping.hour, .day, .month] { #expect(UsageOrder.usual(by: [time, .key]) == .groups) }
    }

    /// The largest comes first and equal ones by their groups; what is left out is in the sum.
    @Test(arguments: UsageOrder.allCases) func everyOrderIsThatOfItsNumber(order: UsageOrder) throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 71)
        let writer = try LedgerWriter(database)
        for number in 0..<300 {
            var record = UsageRecord.random(between: 0, and: 90_000, using: &generator)
            record.user = "user-\(number % 40)"
            // Many have equal amounts.
            record.cost = NanoEuros(Int64(number % 3))
            record.exactness = number % 40 < 5 ? .estimated : .exact
            writer.record(record)
        }
        #expect(writer.flush())
        var question = UsageReport.Question(by: [.user], timeZone: .gmt, energy: .vendor)
        let all = try UsageReport(database).ranked(question).rows
        #expect(all.map { $0[.user] ?? "" } == all.map { $0[.user] ?? "" }.sorted())
        question.order = order
        let sorted = try UsageReport(database).ranked(question).rows
        let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($0.element[.user], $0.offset) })
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            let amounts = (amount(left, order), amount(right, order))
            #expect(amounts.0 > amounts.1 || amounts.0 == amounts.1 && places[left[.user]]! < places[right[.user]]!)
        }
        for limit in [1, 7, 40, 90] {
            question.limit = limit
            let ranked = try UsageReport(database).ranked(question)
            #expect(ranked.rows == Array(sorted.prefix(limit)))
            #expect(ranked.others.count == max(0, 40 - limit))
            #expect(ranked.others.sum == sorted.dropFirst(limit).reduce(into: UsageRow(groups: [])) { $0.add($1) })
        }
    }

    private func amount(_ row: UsageRow, _ order: UsageOrder) -> Int64 {
        switch order {
        case .groups: 0
        case .requests: row.requests
        case .failed: row.errors
        case .promptTokens: row.units.inputTokens
        case .completionTokens: row.units.outputTokens
        case .cost: row.cost.amount
        case .energy: row.milliwattHours
        case .estimated: row.estimatedRequests
        }
    }
}
