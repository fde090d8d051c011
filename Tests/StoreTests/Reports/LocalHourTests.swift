import SeededRandom
import Testing

@testable import Store

@Suite struct LocalHourTests {
    @Test func aNumberHasHourAndOffset() {
        var generator = SeededGenerator(seed: 101)
        for _ in 0..<2000 {
            let hour = LocalHour(
                hour: .random(in: -3_000_000_000...3_000_000_000, using: &generator),
                offset: .random(in: -64_800...64_800, using: &generator))
            let read = LocalHour(hour.number)
            #expect(read.hour == hour.hour)
            #expect(read.offset == hour.offset)
        }
    }

    @Test func ofTwoHoursOfOneNameTheOneInSummerTimeIsFirst() {
        #expect(LocalHour(hour: 498_026, offset: 7200).number < LocalHour(hour: 498_026, offset: 3600).number)
    }

    @Test func laterHoursHaveLargerNumbers() {
        #expect(LocalHour(hour: 9, offset: -64_800).number < LocalHour(hour: 10, offset: 64_800).number)
    }
}
