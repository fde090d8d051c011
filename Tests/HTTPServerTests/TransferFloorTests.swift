import Clocks
import Testing

@testable import HTTPServer

@Suite struct TransferFloorTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000)

    @Test(arguments: [(0, 60), (1, 60), (1023, 60), (1024, 61), (2047, 61), (61_440, 120)])
    func everyKilobyteBuysASecond(bytes: Int, seconds: Int) {
        let floor = TransferFloor(grace: .seconds(60), bytesPerSecond: 1024)
        #expect(floor.deadline(from: start, after: bytes) == start + .seconds(seconds))
    }

    @Test func noTransferHasMoreThanTheMost() {
        let floor = TransferFloor(grace: .seconds(2), bytesPerSecond: 100, most: .seconds(10))
        #expect(floor.deadline(from: start, after: 700) == start + .seconds(9))
        #expect(floor.deadline(from: start, after: 900) == start + .seconds(10))
        #expect(floor.deadline(from: start, after: .max) == start + .seconds(10))
    }

    @Test func anyNumberOfBytesIsFine() {
        let floor = TransferFloor(grace: .seconds(60), bytesPerSecond: 1)
        #expect(floor.deadline(from: start, after: .max) > start + .seconds(60))
        #expect(floor.deadline(from: .never, after: 1) == .never)
    }
}
