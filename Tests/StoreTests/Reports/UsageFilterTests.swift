import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageFilterTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let records: [UsageRecord]

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        var generator = SeededGenerator(seed: 15)
        records = (0..<400).map { _ in .random(between: 1_790_000_000, and: 1_790_100_000, using: &generator) }
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.flush())
    }

    private func rows(_ filter: UsageFilter, by groupings: [UsageGrouping] = []) throws -> [UsageRow] {
        try UsageReport(database).report(by: groupings, where: filter, timeZone: .gmt, energy: .vendor)
    }

    private func value(_ record: UsageRecord, _ grouping: UsageGrouping) -> [String] {
        switch grouping {
        case .key: [record.keyID]
        case .team: [record.team ?? ""]
        case .model: [record.modelServed ?? record.modelAsked ?? ""]
        case .endpoint: [record.endpoint]
        case .user: [record.user ?? ""]
        case .tag: record.tags.isEmpty ? [""] : record.tags
        case .status: [String(record.status)]
        case .ending: [record.ending.rawValue]
        case .cause: [record.cause?.rawValue ?? ""]
        case .limit: [record.refusedBy?.description ?? ""]
        case .hour, .day, .month: []
        }
    }

    /// Reports and raw rows admit the same requests: those whose values are among the alternatives of every condition.
    @Test(arguments: 0..<60) func itAdmitsWhatEveryConditionNames(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var filter = UsageFilter()
        var conditions: [UsageGrouping: Set<String>] = [:]
        for grouping in UsageFilter.groupings.shuffled(using: &generator).prefix(generator.number(1...3)) {
            for _ in 0..<generator.number(1...2) {
                let record = try #require(records.randomElement(using: &generator))
                let value = try #require(value(record, grouping).randomElement(using: &generator))
                conditions[grouping, default: []].insert(value)
                filter.admit(value, of: grouping)
            }
        }
        let expected = records.filter { record in
            conditions.allSatisfy { grouping, values in value(record, grouping).contains { values.contains($0) } }
        }
        let sum = try #require(try rows(filter).first)
        #expect(sum.requests == Int64(expected.count))
        #expect(sum.cost.amount == expected.map(\.cost.amount).reduce(0, +))
        var found: [RequestID] = []
        try UsageRows(database).forEach(where: filter) { found.append($0.id) }
        #expect(Set(found) == Set(expected.map(\.id)))
        #expect(found.count == expected.count)
        database.close()
    }

    @Test func aReportByTagsHasTheTagsOfTheConditionAlone() throws {
        var filter = UsageFilter()
        filter.admit("über", of: .tag)
        let rows = try rows(filter, by: [.tag])
        #expect(rows.map { $0[.tag] } == ["über"])
        #expect(rows.map(\.requests) == [Int64(records.count { $0.tags.contains("über") })])
        database.close()
    }

    @Test func keysHaveNames() throws {
        let store = KeyStore(database, by: .test)
        try store.create(.plain("k1", name: "ada", digest: 1))
        try store.create(.plain("k9", name: "new", digest: 2))
        func requests(_ key: String) throws -> Int64? {
            var filter = UsageFilter()
            filter.admit(key, of: .key)
            return try rows(filter).first?.requests
        }
        let ofFirst = Int64(records.count { $0.keyID == "k1" })
        #expect(try requests("ada") == ofFirst)
        #expect(try requests("k1") == ofFirst)
        #expect(try requests("k2") == Int64(records.count { $0.keyID == "k2" }))
        #expect(try requests("new") == 0)
        #expect(throws: LedgerError.keyNotFound("nobody")) { try requests("nobody") }
        database.close()
    }
}
