import Clocks
import Foundation
import ManualTime
import Policy
import Settings
import Store
import Testing

@testable import propylon

@Suite struct LimitsTests {
    private let folder: TemporaryFolder
    private let time = ManualTime.inNovember()
    private let settings: Configuration

    init() throws {
        folder = try TemporaryFolder()
        settings = try configuration(in: folder, "time_zone: UTC\ntiers: { t: { output_tokens_per_day: 100 } }\n")
    }

    /// Writes a key and a row of 40 output tokens, and returns the key's id.
    private func used() throws -> String {
        let storage = try GatewayStorage(settings, log: LogRecorder().logger)
        defer { storage.close(LogRecorder().logger) }
        let key = try storage.database.issueKey("ada", tier: "t", at: time.now).record
        let id = RequestID(high: UInt64(time.now.microseconds / 1000) << 16 | 0x7000, low: 1 << 63)
        var record = UsageRecord(
            id: id, keyID: key.id, team: nil, endpoint: "chat/completions", startedAt: time.now)
        record.status = 200
        record.units.outputTokens = 40
        storage.ledger.record(record)
        return key.id
    }

    @Test func theLedgerTellsWhatWasUsed() throws {
        let id = try used()
        let report = try Limits.fromLedger(id, settings, time: time)
        #expect(report.limits.map(\.used) == ["40"])
        #expect(report.limits.map(\.left) == ["60"])
        #expect(try Limits.fromLedger(nil, settings, time: time) == report)
    }

    @Test func usageEndsWithItsWindow() throws {
        let id = try used()
        time.advance(by: .seconds(86_400))
        #expect(try Limits.fromLedger(id, settings, time: time).limits.map(\.used) == ["0"])
    }

    @Test func aKeyIsNamedAsEverywhere() throws {
        let id = try used()
        #expect(try Limits.fromLedger("ada", settings, time: time) == Limits.fromLedger(id, settings, time: time))
        #expect(Limits.path(nil, .init(above: 80, top: 5)) == "/admin/v1/limits?above=80&top=5")
        #expect(Limits.path("ada & co/é") == "/admin/v1/limits/ada%20%26%20co%2F%C3%A9")
    }

    @Test func anUnknownKeyIsAFailure() throws {
        #expect(throws: Failure.self) { try Limits.fromLedger("none", settings, time: time) }
        _ = try used()
        #expect(throws: Failure.self) { try Limits.fromLedger("none", settings, time: time) }
    }

    @Test func argumentsAreTaken() throws {
        #expect(try Limits.parse([]).key == nil)
        let command = try Limits.parse(["ada", "--json"])
        #expect(command.key == "ada")
        #expect(command.json)
        #expect(try Limits.parse(["--above", "80"]).above == 80)
        #expect(throws: (any Error).self) { try Limits.parse(["--above=-1"]) }
        #expect(throws: (any Error).self) { try Limits.parse([""]) }
    }
}
