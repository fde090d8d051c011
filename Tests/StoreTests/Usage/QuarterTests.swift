import Clocks
import SeededRandom
import Testing

@testable import Store

@Suite struct QuarterTests {
    @Test func aMomentLiesInItsQuarter() {
        var generator = SeededGenerator(seed: 91)
        for _ in 0..<2000 {
            let moment = Timestamp(microseconds: Int64(bitPattern: generator.next()))
            let quarter = Quarter(of: moment)
            #expect(quarter.second <= moment.seconds)
            #expect(moment.seconds < quarter.second + Quarter.seconds)
        }
    }

    @Test func periodAndPlaceMakeTheQuarter() {
        var generator = SeededGenerator(seed: 92)
        for _ in 0..<2000 {
            let quarter = Quarter(of: Timestamp(microseconds: Int64(bitPattern: generator.next())))
            #expect(Quarter(period: quarter.period, quarter: quarter.ofPeriod) == quarter)
            #expect(quarter.ofPeriod < 24)
            #expect(Quarter.periods.contains(quarter.period))
        }
    }

    @Test(
        arguments: [
            (0, 0, 0), (899_999_999, 0, 0), (900_000_000, 0, 1), (21_600_000_000, 1, 0), (-1, -1, 23),
        ] as [(Int64, Int64, UInt8)])
    func aTable(microseconds: Int64, period: Int64, place: UInt8) {
        let quarter = Quarter(of: Timestamp(microseconds: microseconds))
        #expect(quarter.period == period)
        #expect(quarter.ofPeriod == place)
    }

    @Test func theLastPeriodsCanBeComputed() {
        for period in [Quarter.periods.lowerBound, Quarter.periods.upperBound] {
            let last = Quarter(period: period, quarter: 23)
            #expect(last.second + Quarter.seconds - Quarter(period: period, quarter: 0).second == 21_600)
        }
    }
}
