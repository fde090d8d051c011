import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct RequestIDRowTests {
    @Test func anIDComesBackFromItsBytes() throws {
        var generator = SeededGenerator(seed: 131)
        for _ in 0..<500 {
            let id = RequestID(high: generator.next(), low: generator.next())
            #expect(RequestID(data: id.data) == id)
        }
    }

    @Test func theBytesAreBigEndian() {
        let id = RequestID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
        #expect(id.data == Data(1...16))
    }

    @Test(arguments: [0, 15, 17]) func otherLengthsAreRefused(count: Int) {
        #expect(RequestID(data: Data(repeating: 1, count: count)) == nil)
    }

    @Test func noIDHasANegativeNumber() {
        #expect(RequestID(high: .max, low: .max).rowNumber == .max)
        #expect(RequestID(high: 0, low: 0).rowNumber == 0)
    }

    /// Times far ahead come from `--until`: their milliseconds must not wrap around into the past.
    @Test(arguments: [Int64(4_398_046_511_104), 253_402_300_800_000, Int64.max / 1000])
    func noNumberIsBeyondTheLastMillisecond(milliseconds: Int64) {
        #expect(RequestID.firstRowNumber(at: Timestamp(microseconds: milliseconds * 1000)) == .max)
    }
}
