import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct ZoneOffsetsTests {
    @Test func findsBothChangesOfAYearToTheSecond() throws {
        let paris = try #require(TimeZone(identifier: "Europe/Paris"))
        let first: Int64 = 1_767_225_600  // 2026-01-01
        let offsets = ZoneOffsets(of: paris, from: first, to: first + 365 * 86_400)
        #expect(
            offsets.periods == [
                ZoneOffsets.Period(start: first, offset: 3600),
                ZoneOffsets.Period(start: 1_774_746_000, offset: 7200),  // 2026-03-29T01:00:00Z
                ZoneOffsets.Period(start: 1_792_890_000, offset: 3600),  // 2026-10-25T01:00:00Z
            ])
    }

    @Test(arguments: ["Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
    func agreesWithFoundation(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let first: Int64 = 1_300_000_000
        let last: Int64 = 1_900_000_000
        let offsets = ZoneOffsets(of: zone, from: first, to: last)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            let second = Int64.random(in: first...last, using: &generator)
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            #expect(offsets.offset(at: second) == Int64(expected))
        }
    }

    @Test func aSingleMomentHasOneOffset() throws {
        let zone = try #require(TimeZone(secondsFromGMT: -5 * 3600))
        let offsets = ZoneOffsets(of: zone, from: 5, to: 5)
        #expect(offsets.periods == [ZoneOffsets.Period(start: 5, offset: -18_000)])
        #expect(offsets.offset(at: 0) == -18_000)
    }
}
