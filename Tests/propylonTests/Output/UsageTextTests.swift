import Clocks
import Foundation
import Policy
import Store
import Testing

@testable import propylon

@Suite struct UsageTextTests {
    private let rows: [UsageRow]

    init() {
        var first = UsageRow(groups: [UsageRow.Group(.key, "abcdefghjk"), UsageRow.Group(.user, "ada, \"B\"")])
        first.keyName = "laptop"
        first.requests = 3
        first.errors = 1
        first.units.inputTokens = 1000
        first.units.outputTokens = 200
        first.units.reasoningTokens = 50
        first.units.cachedTokens = 10
        first.cost = NanoEuros(3_400_000)
        first.milliwattHours = 2844
        first.estimatedRequests = 1
        var second = UsageRow(groups: [UsageRow.Group(.key, "zzzzzzzzzz"), UsageRow.Group(.user, nil)])
        second.requests = 1
        second.units.audioMinutes = 7
        second.units.searchUnits = 2
        second.cost = NanoEuros(70_000_000)
        rows = [first, second]
    }

    @Test func table() {
        let text = UsageText(groupings: [.key, .user], RankedUsage(rows: rows)).text(.table)
        #expect(
            text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } == [
                "KEY NAME USER REQUESTS FAILED INPUT OUTPUT REASONING CACHED OTHER UNITS COST EUR ENERGY KWH ESTIMATED",
                "abcdefghjk laptop ada, \"B\" 3 1 1000 200 50 10 - 0.0034 0.0028 34 %",
                "zzzzzzzzzz - - 1 0 0 0 0 0 7 audio minutes, 2 search units 0.0700 0.0000 0 %",
                "total 4 1 1000 200 50 10 7 audio minutes, 2 search units 0.0734 0.0028 25 %",
            ])
    }

    @Test func speedsTakeThePlaceOfAmountsInTables() {
        let text = UsageText(groupings: [.key, .user], RankedUsage(rows: measured), withSpeeds: true).text(.table)
        #expect(
            text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } == [
                "KEY NAME USER REQUESTS FIRST BYTE S 50/95/99 TOKENS/S 50/95/99 DURATION S 50/95/99",
                "abcdefghjk laptop ada, \"B\" 3 0.251/0.251/0.251 50.3/50.3/50.3 2.239/2.239/2.239",
                "zzzzzzzzzz - - 1 - - -",
                "total 4 0.251/0.251/0.251 50.3/50.3/50.3 2.239/2.239/2.239",
            ])
    }

    @Test func speedsFollowTheAmountsInJSONAndCSV() throws {
        let report = UsageText(groupings: [.key, .user], RankedUsage(rows: measured), withSpeeds: true)
        let values = try #require(
            try JSONSerialization.jsonObject(with: Data(report.text(.json).utf8)) as? [[String: Any]])
        let speed = try #require(values[0]["first_byte_seconds"] as? [String: Double])
        #expect(speed == ["p50": 0.251, "p95": 0.251, "p99": 0.251, "requests": 1])
        #expect(values[1]["tokens_per_second"] is NSNull)
        #expect(values[0]["cost_eur"] as? String == "0.0034")
        let lines = report.text(.csv).split(separator: "\n")
        #expect(
            lines[0].hasSuffix(
                ",estimated_requests,first_byte_seconds_p50,first_byte_seconds_p95,first_byte_seconds_p99,"
                    + "tokens_per_second_p50,tokens_per_second_p95,tokens_per_second_p99,"
                    + "duration_seconds_p50,duration_seconds_p95,duration_seconds_p99"))
        #expect(lines[1].hasSuffix(",1,0.251,0.251,0.251,50.3,50.3,50.3,2.239,2.239,2.239"))
        #expect(lines[2].hasSuffix(",0,,,,,,,,,"))
    }

    /// The rows, with one measured stream in the first: 250 ms to the first byte, 50 tokens a second, 2.23 s.
    private var measured: [UsageRow] {
        let start = Timestamp(seconds: 1_790_000_000)
        var record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "k", team: nil, endpoint: "chat/completions", startedAt: start)
        (record.status, record.streamed, record.units.outputTokens) = (200, true, 100)
        record.firstByteAt = start + .milliseconds(250)
        record.endedAt = start + .milliseconds(2230)
        var rows = rows
        rows[0].speeds = SpeedHistogram([record])
        rows[1].speeds = SpeedHistogram()
        return rows
    }

    @Test func aSingleRowHasNoTotal() {
        let text = UsageText(groupings: [], RankedUsage(rows: [rows[1]])).text(.table)
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.hasPrefix("REQUESTS"))
    }

    @Test func json() throws {
        let text = UsageText(groupings: [.key, .user], RankedUsage(rows: rows)).text(.json)
        #expect(
            text.hasPrefix(
                """
                [
                  {
                    "key": "abcdefghjk",
                    "key_name": "laptop",
                    "user": "ada, \\"B\\"",
                    "requests": 3,
                    "failed_requests": 1,
                    "prompt_tokens": 1000,
                    "completion_tokens": 200,
                    "reasoning_tokens": 50,
                    "cached_tokens": 10,
                    "other_units": {
                      "audio_minutes": 0,
                      "characters": 0,
                      "images": 0,
                      "search_units": 0
                    },
                    "cost_eur": "0.0034",
                    "energy_kwh": 0.002844,
                    "estimated_requests": 1
                  },
                """))
        let values = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(values.count == 2)
        #expect(values[1]["key_name"] is NSNull)
        #expect(values[1]["user"] is NSNull)
        #expect((values[1]["other_units"] as? [String: Int])?["audio_minutes"] == 7)
    }

    @Test func csv() {
        let text = UsageText(groupings: [.key, .user], RankedUsage(rows: rows)).text(.csv)
        #expect(
            text == """
                key,key_name,user,requests,failed_requests,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,\
                audio_minutes,characters,images,search_units,cost_eur,energy_kwh,estimated_requests
                abcdefghjk,laptop,"ada, ""B\""",3,1,1000,200,50,10,0,0,0,0,0.0034,0.002844,1
                zzzzzzzzzz,,,1,0,0,0,0,0,7,0,0,2,0.07,0,0

                """)
    }

    @Test func theRowsAfterTheTopAreSummedUp() {
        let others = [rows[1], rows[1], rows[1]].reduce(into: UsageRow(groups: [])) { $0.add($1) }
        let text = UsageText(groupings: [.key], RankedUsage(rows: [rows[0]], others: (3, others))).text(.table)
        #expect(
            text.split(separator: "\n").dropFirst().map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
                == ["abcdefghjk laptop 3", "3 more 3", "total 6 1"])
        #expect(
            UsageText(groupings: [.key], RankedUsage(rows: [rows[0]], others: (3, others))).text(.csv).split(
                separator: "\n"
            ).count == 2)
        #expect(UsageText(groupings: [.key], RankedUsage(rows: rows)).text(.table).contains("more") == false)
    }

    @Test func withoutRows() {
        let text = UsageText(groupings: [.model], RankedUsage(rows: []))
        #expect(text.text(.json) == "[]\n")
        #expect(text.text(.csv).hasPrefix("model,requests,"))
        #expect(text.text(.table).hasPrefix("MODEL  REQUESTS"))
    }
}
