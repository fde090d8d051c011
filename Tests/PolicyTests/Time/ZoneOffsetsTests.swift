import SeededRandom
import Testing

@testable import Policy

@Suite struct ZoneOffsetsTests {
    private let zone = ZoneOffsets(periods: [
        .init(start: 1000, offset: 3600), .init(start: 2000, offset: 7200), .init(start: 3000, offset: -1800),
    ])

    @Test(
        arguments: [
            (.min, 3600), (999, 3600), (1000, 3600), (1999, 3600), (2000, 7200), (2999, 7200), (3000, -1800),
            (.max, -1800),
        ] as [(Int64, Int64)])
    func theLatestPeriodCounts(second: Int64, offset: Int64) {
        #expect(zone.offset(at: second) == offset)
    }

    @Test(arguments: [(.max, 172_800), (.min, -172_800), (50_400, 50_400)] as [(Int64, Int64)])
    func offsetsBeyondTwoDaysAreCutOff(offset: Int64, expected: Int64) {
        #expect(ZoneOffsets.Period(start: 0, offset: offset).offset == expected)
    }

    @Test(arguments: [Int64.min, -(1 << 60), 1 << 60, Int64.max])
    func wildSecondsDoNotTrap(second: Int64) {
        for zone in [zone, .utc, ZoneOffsets(periods: [.init(start: .max, offset: .max)])] {
            #expect(zone.hour(at: second).count > 0)
            #expect(zone.day(at: second).count > 0)
            #expect(zone.month(at: second).count >= 28 * 86_400 - 4 * 172_800)
        }
    }

    @Test(arguments: 0..<50)
    func windowsOfRandomZonesCoverAllTime(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var periods: [ZoneOffsets.Period] = []
        var start: Int64 = 0
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            // Changes of at most half a day: a zone has no larger ones.
            periods.append(.init(start: start, offset: Int64.random(in: -12...12, using: &generator) * 1800))
            start += Int64.random(in: 86_400 * 3...86_400 * 90, using: &generator)
        }
        let zone = ZoneOffsets(periods: periods)
        for _ in 0..<200 {
            let second = Int64.random(in: -86_400...start + 86_400, using: &generator)
            for window in LimitWindow.allCases where window.ends {
                let range = window.seconds(at: second, in: zone)
                #expect(range.contains(second), "\(window)")
                #expect(window.seconds(at: range.lowerBound, in: zone) == range, "\(window)")
                #expect(window.seconds(at: range.upperBound, in: zone).lowerBound == range.upperBound, "\(window)")
            }
        }
    }
}
