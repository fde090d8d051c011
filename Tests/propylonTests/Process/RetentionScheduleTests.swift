import Clocks
import Foundation
import ManualTime
import Policy
import Settings
import Store
import Testing

@testable import propylon

@Suite struct RetentionScheduleTests {
    private let folder: TemporaryFolder
    private let time = ManualTime.inNovember()
    private let log = LogRecorder()
    private let storage: GatewayStorage

    init() throws {
        folder = try TemporaryFolder()
        storage = try GatewayStorage(configuration(in: folder), log: log.logger)
        // Rows of today and of each of the nine days before.
        for day in 0..<10 {
            var record = UsageRecord(
                id: RequestID(
                    high: UInt64(time.now.microseconds / 1000 - Int64(day) * 86_400_000) << 16 | 0x7000,
                    low: 1 << 63 | UInt64(day)),
                keyID: "abcdefghjk", team: nil, endpoint: "chat/completions",
                startedAt: time.now + .seconds(-86_400 * day))
            record.status = 200
            storage.ledger.record(record)
        }
        _ = storage.ledger.flush()
    }

    private func schedule(_ retention: String) throws -> RetentionSchedule {
        let settings = try configuration(in: folder, "time_zone: UTC\nmetering: { retention: \(retention) }\n")
        return RetentionSchedule(storage.database, settings, log: log.logger, time: time)
    }

    private func requests() throws -> Int64 {
        try UsageReport(storage.database).report(by: [], timeZone: .gmt, energy: .vendor).first?.requests ?? 0
    }

    @Test func rowsBeforeTheRetentionAreFolded() throws {
        try schedule("4d").fold()
        #expect(log.messages == ["info old rows are daily totals now rows=5"])
        #expect(try requests() == 10)
    }

    @Test func foldingAgainFoldsNothing() throws {
        let schedule = try schedule("4d")
        schedule.fold()
        schedule.fold()
        #expect(log.messages.count == 1)
    }

    @Test func rowsAgeWithTheClock() throws {
        let schedule = try schedule("30d")
        schedule.fold()
        #expect(log.messages.isEmpty)
        time.advance(by: .seconds(86_400 * 25))
        schedule.fold()
        #expect(log.messages == ["info old rows are daily totals now rows=4"])
    }

    @Test func nullKeepsAllRows() throws {
        let schedule = try schedule("null")
        time.advance(by: .seconds(86_400 * 10_000))
        schedule.fold()
        #expect(log.messages.isEmpty)
    }

    @Test func aReloadedRetentionIsUsed() throws {
        let schedule = try schedule("null")
        schedule.use(try configuration(in: folder, "time_zone: UTC\nmetering: { retention: 1d }\n"))
        schedule.fold()
        #expect(log.messages == ["info old rows are daily totals now rows=8"])
    }

    @Test func aFailureIsInTheLog() throws {
        let schedule = try schedule("1d")
        storage.database.close()
        schedule.fold()
        #expect(log.messages.count == 1)
        #expect(log.messages.first?.hasPrefix("error old usage cannot be added up") == true)
    }

    @Test func nothingIsFoldedAfterTheEnd() throws {
        let schedule = try schedule("1d")
        schedule.cancel()
        schedule.fold()
        #expect(log.messages.isEmpty)
    }
}
