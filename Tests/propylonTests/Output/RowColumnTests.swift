import Clocks
import Foundation
import Policy
import Testing

@testable import propylon

@Suite struct RowColumnTests {
    private let context = RowColumn.Context(keyNames: ["abc": "alice"], energy: .vendor, time: .utc)

    private var record: UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), keyID: "abc", team: nil,
            endpoint: "chat/completions", startedAt: Timestamp(microseconds: 1_700_000_000_123_456))
        record.endedAt = Timestamp(microseconds: 1_700_000_001_123_000)
        record.firstByteAt = Timestamp(microseconds: 1_700_000_000_223_956)
        record.modelServed = "gpt-oss:120b"
        record.modelAsked = "gpt-4o"
        record.tags = ["a", "b"]
        record.user = "=cmd()"
        record.units.inputTokens = 1_000_000
        record.cost = NanoEuros(1_800_000_000)
        return record
    }

    private func value(_ name: String) throws -> String {
        try #require(RowColumn.all.first { $0.name == name }).value(record, context).plain
    }

    @Test func everyColumnHasANameOfItsOwnAndAMeaning() {
        let names = RowColumn.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(RowColumn.all.allSatisfy { !$0.meaning.isEmpty })
    }

    @Test func theValuesAreThoseOfTheRow() throws {
        #expect(try value("request_id") == "01900000-0000-7000-8000-000000000001")
        #expect(try value("started_at") == "2023-11-14T22:13:20.123Z")
        #expect(try value("first_byte_ms") == "100.5")
        #expect(try value("duration_ms") == "999.544")
        #expect(try value("key_name") == "alice")
        #expect(try value("team").isEmpty)
        #expect(try value("tags") == "a,b")
        #expect(try value("model") == "gpt-oss:120b")
        #expect(try value("model_asked") == "gpt-4o")
        #expect(try value("prompt_tokens") == "1000000")
        #expect(try value("cost_eur") == "1.8")
        #expect(try value("energy_kwh") == "2.37")
        #expect(try value("streamed") == "false")
    }

    /// Whichever columns have times: programs get UTC, people the configured zone.
    @Test func allTimesAreOnTheClocksOfTheContext() {
        let paris = RowColumn.Context(keyNames: [:], energy: .vendor, time: .paris)
        func times(_ context: RowColumn.Context) -> [String] {
            RowColumn.all.map { $0.value(record, context).plain }.filter { $0.hasPrefix("2023-11-14T") }
        }
        #expect(times(context) == ["2023-11-14T22:13:20.123Z", "2023-11-14T22:13:21.123Z"])
        #expect(times(paris) == ["2023-11-14T23:13:20.123+01:00", "2023-11-14T23:13:21.123+01:00"])
    }

    @Test func aLineIsJSONForEveryColumn() throws {
        let line = JSONText.object(RowColumn.all.map { ($0.name, $0.value(record, context)) }).line
        let read = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(read.count == RowColumn.all.count)
        #expect(read["tags"] as? [String] == ["a", "b"])
        #expect(read["team"] is NSNull)
        #expect(read["user"] as? String == "=cmd()")
    }
}
