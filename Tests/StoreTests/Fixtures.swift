import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

/// A data folder that goes away with its test.
final class TemporaryFolder {
    let path: String

    init() { path = NSTemporaryDirectory() + "propylon-ledger-" + UUID().uuidString }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension LedgerWriter {
    /// A writer with a journal beside the database.
    convenience init(
        _ database: LedgerDatabase, capacity: Int = 16_384, pace: Pace = Pace(), clock: any TimeSource = .system
    ) throws {
        let folder = URL(fileURLWithPath: database.path).deletingLastPathComponent().path
        try self.init(database, journal: Journal(directory: folder, capacity: capacity), pace: pace, clock: clock)
    }

    /// The slot of a request that begins; nil where there is no room. Macros cannot hold what cannot be copied.
    func beginning(_ record: UsageRecord) -> Int? {
        guard let entry = begin(record) else { return nil }
        return entry.release()
    }
}

extension LedgerDatabase {
    /// Everything that reports read, as bytes; groups by what they are, since their numbers may differ.
    func totals() throws -> [String: Data] { try reading(Self.totals) }

    /// The same, in a transaction of the caller.
    static func totals(in database: Database) throws -> [String: Data] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT place, period, entries, \(UsageGroup.columns.joined(separator: ", "))
                FROM usage_totals JOIN usage_groups ON usage_groups.id = group_id
                """)
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                ("\(row[0] as Int) \(row[1] as Int) \(UsageGroup(row, from: 3))", row[2])
            })
    }
}

extension Timestamp {
    /// The moment `text`, in ISO 8601 with an offset.
    init(_ text: String) throws {
        let date = try #require(try? Date(text, strategy: .iso8601))
        self.init(seconds: Int64(date.timeIntervalSince1970))
    }
}

extension AuditActor {
    /// The actor of tests.
    static let test = AuditActor(name: "local:ada", origin: "cli")
}

extension KeyDigest {
    /// A digest unlike that of any other number.
    init(number: UInt64) { self.init(number, ~number, number &* 31, 7) }
}

extension KeyRecord {
    /// A key with nothing unusual.
    static func plain(_ id: String, name: String? = nil, digest: UInt64, createdAt: Int64 = 1_000) -> KeyRecord {
        KeyRecord(
            id: id, name: name ?? "name of \(id)", tier: "monthly", team: nil, models: nil,
            createdAt: Timestamp(seconds: createdAt), expiresAt: nil, revokedAt: nil, digest: KeyDigest(number: digest))
    }
}

extension UsageRecord {
    /// A record of few different keys, models and so on, with small numbers, between `first` and `last` seconds.
    static func random(
        between first: Int64, and last: Int64, using generator: inout SeededGenerator
    ) -> UsageRecord {
        let start = Timestamp(microseconds: .random(in: first * 1_000_000..<last * 1_000_000, using: &generator))
        // As in the gateway: the id is made some moments before the head is complete.
        let made = Timestamp(microseconds: start.microseconds - .random(in: 0...9_000_000, using: &generator))
        var record = UsageRecord(
            id: RequestID(at: made, random: (generator.next(), generator.next())),
            keyID: ["k1", "k2", "k3"].randomElement(using: &generator)!,
            team: [nil, "red", "blue"].randomElement(using: &generator)!,
            endpoint: ["chat/completions", "embeddings"].randomElement(using: &generator)!, startedAt: start)
        record.upstreamID = [nil, "req-1"].randomElement(using: &generator)!
        record.user = [nil, "", "ada", "zoë 🦉"].randomElement(using: &generator)!
        record.tags = [[], ["a"], ["a", "über"]].randomElement(using: &generator)!
        record.modelAsked = [nil, "gpt-4o", "gpt-oss:120b"].randomElement(using: &generator)!
        record.modelServed = [nil, "gpt-oss:120b", "qwen3:14b"].randomElement(using: &generator)!
        record.backend = [nil, #"{"engine_type":"engo","machine_name":"ma02"}"#].randomElement(using: &generator)!
        record.status = [200, 200, 200, 400, 429, 499, 502].randomElement(using: &generator)!
        for unit in Unit.allCases {
            record.units[unit] = .random(in: 0...5000 >> Int64(unit.rawValue), using: &generator)
        }
        record.countsAsRequest = .random(using: &generator)
        record.exactness = Exactness.allCases.randomElement(using: &generator)!
        record.ending = Bool.random(using: &generator) ? .complete : Ending.allCases.randomElement(using: &generator)!
        record.cost = NanoEuros(.random(in: 0...90_000_000, using: &generator))
        record.firstByteAt = Bool.random(using: &generator) ? start + .milliseconds(30) : nil
        record.endedAt = start + .milliseconds(900)
        record.requestBytes = .random(in: 0...100_000, using: &generator)
        record.responseBytes = .random(in: 0...100_000, using: &generator)
        record.streamed = .random(using: &generator)
        if record.ending != .complete { record.cause = Cause.allCases[record.status % Cause.allCases.count] }
        if record.ending == .refused {
            record.refusedBy = LimitName(record.streamed ? "key:tokens_per_day" : "team_user:budget_eur_total")
        }
        return record
    }
}
