import Clocks
import Foundation
import GRDB
import Policy
import Testing

@testable import Store

/// The owner of a request is whole after the death of the process.
@Suite struct RecoveryTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test(arguments: [1, 64, 95, 199, 200]) func aTeamWithinTheBoundIsWhole(length: Int) throws {
        let team = String(repeating: "t", count: length)
        try KeyStore(database, by: .test).create(key(team: team))
        try die(with: [record(1, team: team)])
        #expect(try teams() == [team])
    }

    @Test func theTeamOfAnOldKeyIsRestoredFromTheKey() throws {
        let team = String(repeating: "é", count: 300)
        try database.writing { try KeyTable.insert(key(team: team), into: $0) }
        try die(with: [record(1, team: team)])
        #expect(try teams() == [team])
    }

    @Test func aTeamThatLayoutOneHasCutIsRestored() throws {
        let team = String(repeating: "t", count: 95)
        try database.writing { try KeyTable.insert(key(team: team), into: $0) }
        database.close()
        var cut = record(1, team: String(repeating: "t", count: 64))
        cut.countsAsRequest = true
        try OldSlot.file([OldSlot(state: .finishedFirst, record: cut)]).write(
            to: URL(fileURLWithPath: folder.path + "/journal"))
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(try LedgerWriter(database).recovery.finished == 1)
        let teams = try database.reading { try String.fetchAll($0, sql: "SELECT team FROM usage") }
        #expect(teams == [team])
    }

    @Test func aTeamOfAnotherBeginningStays() throws {
        try database.writing { try KeyTable.insert(key(team: String(repeating: "x", count: 300)), into: $0) }
        try die(with: [record(1, team: String(repeating: "t", count: 300))])
        #expect(try teams() == [String(repeating: "t", count: 200)])
    }

    @Test func aTeamWithoutItsKeyStays() throws {
        try die(with: [record(1, team: String(repeating: "t", count: 300))])
        #expect(try teams() == [String(repeating: "t", count: 200)])
    }

    @Test func aRequestThatWasBegunIsBilledByItsEstimate() throws {
        var begun = record(1, team: "red")
        begun.units.inputTokens = 700
        begun.units.outputTokens = 50
        begun.cost = NanoEuros(123_456)
        begun.exactness = .interrupted
        begun.countsAsRequest = true
        do {
            let writer = try LedgerWriter(database)
            _ = try #require(writer.beginning(begun))
        }
        #expect(try LedgerWriter(database).recovery.interrupted == 1)
        begun.ending = .gatewayDied
        begun.cause = .gatewayDied
        // The client had no response.
        begun.status = 500
        let records = try read()
        #expect(records == [begun])
    }

    @Test(arguments: Exactness.allCases) func anOpenRequestIsInterruptedWhateverItSaid(exactness: Exactness) throws {
        var begun = record(1, team: nil)
        begun.exactness = exactness
        do {
            let writer = try LedgerWriter(database)
            _ = try #require(writer.beginning(begun))
        }
        _ = try LedgerWriter(database)
        #expect(try read().map(\.exactness) == [.interrupted])
    }

    /// A gateway that dies with `records` in its journal, and the next one.
    private func die(with records: [UsageRecord]) throws {
        do {
            var pace = LedgerWriter.Pace()
            pace.delay = .seconds(3600)
            let writer = try LedgerWriter(database, pace: pace)
            for record in records { writer.record(record) }
        }
        #expect(try LedgerWriter(database).recovery.finished == records.count)
    }

    private func key(team: String) -> KeyRecord {
        KeyRecord(
            id: "k", name: "k", tier: "t", team: team, models: nil, createdAt: Timestamp(seconds: 1), expiresAt: nil,
            revokedAt: nil, digest: KeyDigest(number: 1))
    }

    private func record(_ number: UInt64, team: String?) -> UsageRecord {
        UsageRecord(
            id: RequestID(high: 1, low: number), keyID: "k", team: team, endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1_790_000_000))
    }

    private func teams() throws -> [String] {
        try database.reading { try String.fetchAll($0, sql: "SELECT team FROM usage") }
    }

    private func read() throws -> [UsageRecord] {
        try database.reading { database in
            var records: [UsageRecord] = []
            try UsageTable.forEach("", in: database) { record, _, _ in records.append(record) }
            return records
        }
    }
}
