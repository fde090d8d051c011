import Clocks
import Foundation
import GRDB
import Policy

/// A data folder as the versions of November 2026 wrote it: the schema up to "4: rows by number", totals of twelve quantities, and
/// journal slots of 1024 bytes. It is written by its own code, since the formats must stay readable.
struct OldFolder {
    private static let schema = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES
            ('1: keys and usage'), ('2: totals and tags'), ('3: objects'), ('4: rows by number');
        CREATE TABLE keys (
            id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, tier TEXT NOT NULL, team TEXT, models TEXT,
            created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, digest BLOB NOT NULL UNIQUE,
            predecessor_digest BLOB, predecessor_until INTEGER) STRICT;
        CREATE TABLE keys_version (version INTEGER NOT NULL) STRICT;
        INSERT INTO keys_version VALUES (1);
        CREATE TRIGGER keys_inserted AFTER INSERT ON keys BEGIN UPDATE keys_version SET version = version + 1; END;
        CREATE TRIGGER keys_updated AFTER UPDATE ON keys BEGIN UPDATE keys_version SET version = version + 1; END;
        CREATE TRIGGER keys_deleted AFTER DELETE ON keys BEGIN UPDATE keys_version SET version = version + 1; END;
        CREATE TABLE usage_groups (
            id INTEGER NOT NULL PRIMARY KEY, key_id TEXT NOT NULL, team TEXT, user TEXT, endpoint TEXT NOT NULL,
            model_served TEXT, status INTEGER NOT NULL, tags TEXT, model_asked TEXT) STRICT;
        CREATE INDEX usage_groups_by_members ON usage_groups (key_id, model_served, endpoint, status, user, team, tags);
        CREATE TABLE usage_totals (
            place INTEGER NOT NULL, period INTEGER NOT NULL, group_id INTEGER NOT NULL REFERENCES usage_groups (id),
            entries BLOB NOT NULL, PRIMARY KEY (place, period, group_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE objects (
            id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, key_id TEXT NOT NULL, team TEXT,
            created_at INTEGER NOT NULL, batch_id TEXT, is_metered INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE usage_rows (
            number INTEGER NOT NULL PRIMARY KEY, id BLOB NOT NULL, group_id INTEGER NOT NULL, upstream_id TEXT,
            backend TEXT, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, audio_minutes INTEGER NOT NULL,
            characters INTEGER NOT NULL, images INTEGER NOT NULL, search_units INTEGER NOT NULL,
            exactness TEXT NOT NULL, cost INTEGER NOT NULL, started_at INTEGER NOT NULL, first_byte_at INTEGER,
            ended_at INTEGER NOT NULL, request_bytes INTEGER NOT NULL, response_bytes INTEGER NOT NULL,
            streamed INTEGER NOT NULL, ending TEXT NOT NULL) STRICT;
        CREATE VIEW usage AS
            SELECT usage_rows.id AS id, upstream_id, key_id, team, user, tags, endpoint, model_asked,
                model_served, backend, status, input_tokens, output_tokens, reasoning_tokens, cached_tokens,
                audio_minutes, characters, images, search_units, exactness, cost, started_at, first_byte_at,
                ended_at, request_bytes, response_bytes, streamed, ending, number, group_id
            FROM usage_rows JOIN usage_groups ON usage_groups.id = group_id;
        """

    let path: String

    /// A folder with `rows` in the ledger, `archived` in the archive, and `journal` in the slots of the journal.
    init(
        _ path: String, rows: [UsageRecord] = [], archived: [UsageRecord] = [], journal: [OldSlot] = []
    ) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let pool = try DatabasePool(path: path + "/propylon.sqlite")
        try pool.write { database in
            try database.execute(sql: Self.schema)
            var groups: [String: Int64] = [:]
            for (place, records) in [(0, rows), (1, archived)] {
                var totals = OldTotals()
                for record in records {
                    let group = try Self.group(of: record, &groups, database)
                    totals.add(record, group: group)
                    if place == 0 { try Self.insert(record, group: group, database) }
                }
                try totals.insert(place: place, database)
            }
        }
        try pool.close()
        try OldSlot.file(journal).write(to: URL(fileURLWithPath: path + "/journal"))
    }

    private static func group(
        of record: UsageRecord, _ groups: inout [String: Int64], _ database: Database
    ) throws -> Int64 {
        let tags = record.tags.isEmpty ? nil : record.tags.joined(separator: ",")
        let members: [(any DatabaseValueConvertible)?] = [
            record.keyID, record.team, record.user, record.endpoint, record.modelServed, record.status, tags,
            record.modelAsked,
        ]
        let name = "\(members)"
        if let known = groups[name] { return known }
        groups[name] = Int64(groups.count + 1)
        try database.execute(
            sql: """
                INSERT INTO usage_groups (id, key_id, team, user, endpoint, model_served, status, tags, model_asked)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, arguments: StatementArguments([Int64(groups.count)] + members))
        return Int64(groups.count)
    }

    private static func insert(_ record: UsageRecord, group: Int64, _ database: Database) throws {
        let id = withUnsafeBytes(of: (record.id.high.bigEndian, record.id.low.bigEndian)) { Data($0) }
        let milliseconds = record.id.high >> 16 & 0x3FF_FFFF_FFFF
        let number = Int64(milliseconds << 21 | (record.id.high & 0xFFF) << 9 | record.id.low >> 53 & 0x1FF)
        let units = record.units
        try database.execute(
            sql: """
                INSERT INTO usage_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, id, group, record.upstreamID, record.backend, units.inputTokens, units.outputTokens,
                units.reasoningTokens, units.cachedTokens, units.audioMinutes, units.characters, units.images,
                units.searchUnits, record.exactness.rawValue, record.cost.amount, record.startedAt.microseconds,
                record.firstByteAt?.microseconds, record.endedAt.microseconds, record.requestBytes,
                record.responseBytes, record.streamed, record.ending.rawValue,
            ])
    }
}

/// Totals with the mask of twelve quantities.
private struct OldTotals {
    private struct Address: Hashable {
        let period: Int64
        let group: Int64
    }

    private var periods: [Address: [UInt8: [Int64]]] = [:]

    mutating func add(_ record: UsageRecord, group: Int64) {
        let quarter = record.startedAt.microseconds / 900_000_000
        let units = record.units
        let sums: [Int64] = [
            1, record.exactness == .exact ? 0 : 1, record.status >= 400 || record.ending != .complete ? 1 : 0,
            units.inputTokens, units.outputTokens, units.reasoningTokens, units.cachedTokens, units.audioMinutes,
            units.characters, units.images, units.searchUnits, record.cost.amount,
        ]
        let address = Address(period: quarter / 24, group: group)
        let before = periods[address, default: [:]][UInt8(quarter % 24)] ?? sums.map { _ in 0 }
        periods[address, default: [:]][UInt8(quarter % 24)] = zip(before, sums).map { $0 + $1 }
    }

    func insert(place: Int, _ database: Database) throws {
        for (address, quarters) in periods {
            try database.execute(
                sql: "INSERT INTO usage_totals VALUES (?, ?, ?, ?)",
                arguments: [place, address.period, address.group, Data(Self.encoded(quarters))])
        }
    }

    private static func encoded(_ quarters: [UInt8: [Int64]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (quarter, sums) in quarters.sorted(by: { $0.key > $1.key }) {
            let mask = sums.indices.reduce(0) { sums[$1] == 0 ? $0 : $0 | 1 << $1 }
            bytes += [quarter, UInt8(mask & 0xFF), UInt8(mask >> 8)]
            for sum in sums where sum != 0 {
                // No sum is negative here: zigzag doubles it.
                var number = UInt64(sum) * 2
                while number >= 0x80 {
                    bytes.append(UInt8(number & 0x7F) | 0x80)
                    number >>= 7
                }
                bytes.append(UInt8(number))
            }
        }
        return bytes
    }
}

/// A slot of layout 1.
struct OldSlot {
    /// The state word.
    enum State: UInt64 {
        case free, openFirst, openSecond, finishedFirst, finishedSecond
    }

    var state: State
    var record: UsageRecord

    /// The file with these slots.
    static func file(_ slots: [OldSlot]) -> Data {
        var bytes = [UInt8](repeating: 0, count: 4096)
        put(0x5052_4F50_4A52_4E01, at: 0, in: &bytes)
        put(4711, at: 8, in: &bytes)
        for slot in slots { bytes += slot.bytes }
        return Data(bytes)
    }

    private var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1024)
        Self.put(state.rawValue, at: 0, in: &bytes)
        Self.put(record.id.high, at: 8, in: &bytes)
        Self.put(record.id.low, at: 16, in: &bytes)
        Self.put(UInt64(bitPattern: record.startedAt.microseconds), at: 24, in: &bytes)
        let holdsSecond = state == .openSecond || state == .finishedSecond
        for (half, word) in [4, 18].enumerated() {
            var facts = facts
            // The half that does not hold has other numbers.
            if (half == 1) != holdsSecond { facts[0] += 77 }
            for (index, fact) in facts.enumerated() {
                Self.put(UInt64(bitPattern: fact), at: (word + index) * 8, in: &bytes)
            }
        }
        let tags = record.tags.isEmpty ? nil : record.tags.joined(separator: ",")
        Self.put(
            [record.keyID, record.team, record.user, tags, record.endpoint, record.modelAsked, record.modelServed],
            at: 256, in: &bytes)
        Self.put([record.upstreamID, record.backend], at: 812, in: &bytes)
        return bytes
    }

    /// The endings of that version, in the order of their codes.
    static let endings: [Ending] = [
        .complete, .refused, .clientGone, .upstreamFailed, .upstreamInterrupted, .upstreamTimeout, .drained,
        .gatewayDied, .overrun,
    ]

    private var facts: [Int64] {
        let units = record.units
        let exactness = [Exactness.exact: 1, .estimated: 2, .interrupted: 3][record.exactness] ?? 0
        let ending = (Self.endings.firstIndex(of: record.ending) ?? -1) + 1
        let flags = Int64(exactness | ending << 8 | (record.streamed ? 1 << 16 : 0))
        return [
            units.inputTokens, units.outputTokens, units.reasoningTokens, units.cachedTokens, units.audioMinutes,
            units.characters, units.images, units.searchUnits, record.cost.amount,
            record.firstByteAt?.microseconds ?? .min, record.endedAt.microseconds, record.requestBytes,
            record.responseBytes, flags << 32 | Int64(record.status),
        ]
    }

    private static func put(_ word: UInt64, at offset: Int, in bytes: inout [UInt8]) {
        withUnsafeBytes(of: word) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
    }

    private static func put(_ texts: [String?], at offset: Int, in bytes: inout [UInt8]) {
        var offset = offset
        for text in texts {
            let utf8 = text.map { Array($0.utf8) }
            bytes[offset] = utf8.map { UInt8($0.count) } ?? 255
            bytes.replaceSubrange(offset + 1..<offset + 1 + (utf8?.count ?? 0), with: utf8 ?? [])
            offset += 1 + (utf8?.count ?? 0)
        }
    }
}
