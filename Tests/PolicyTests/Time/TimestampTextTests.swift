import Clocks
import Foundation
import SeededRandom
import Testing

@testable import Policy

@Suite struct TimestampTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:01Z"), (1_000_000, "1970-01-01T00:00:01Z"),
            (-1, "1970-01-01T00:00:00Z"), (1_795_428_000_000_000, "2026-11-23T10:00:00Z"),
            (1_795_478_399_000_001, "2026-11-24T00:00:00Z"),
        ] as [(Int64, String)])
    func textIsRoundedUp(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).utcText == text)
    }

    @Test func agreesWithTheSystemsFormatter() {
        let formatter = ISO8601DateFormatter()
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<500 {
            let second = Int64.random(in: -5_000_000_000...10_000_000_000, using: &generator)
            #expect(
                Timestamp(seconds: second).utcText
                    == formatter.string(from: Date(timeIntervalSince1970: Double(second))))
        }
    }

    @Test(arguments: [Int64.min, .max])
    func wildClocksDoNotTrap(microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).utcText.hasSuffix("Z"))
        for offset in [-172_800, 172_800] as [Int64] {
            let zone = ZoneOffsets(periods: [.init(start: 0, offset: offset)])
            #expect(Timestamp(microseconds: microseconds).text(in: zone).hasSuffix(":00"))
        }
    }

    @Test(arguments: ["UTC", "Europe/Paris", "America/St_Johns", "Asia/Kolkata", "Pacific/Kiritimati"])
    func clocksOfAZoneAgreeWithTheSystemsFormatter(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
        var generator = SeededGenerator(seed: 44)
        for _ in 0..<200 {
            let second = Int64.random(in: 1_000_000_000...2_000_000_000, using: &generator)
            let moment = Date(timeIntervalSince1970: Double(second))
            let offsets = ZoneOffsets(periods: [.init(start: 0, offset: Int64(zone.secondsFromGMT(for: moment)))])
            #expect(Timestamp(microseconds: second * 1_000_000 - 1).text(in: offsets) == moment.formatted(style))
        }
    }
}
