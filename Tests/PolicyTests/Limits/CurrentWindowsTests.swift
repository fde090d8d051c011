import Clocks
import SeededRandom
import Testing

@testable import Policy

@Suite struct CurrentWindowsTests {
    /// 2026-11-23T10:00:00Z.
    private let start: Int64 = 1_795_428_000

    private func numbers(_ windows: CurrentWindows) -> [Int32] {
        windows.numbers.indices.map { windows.numbers[$0] }
    }

    private static func numbers(_ all: [Int32]) -> CurrentWindows.Numbers { CurrentWindows.Numbers { all[$0] } }

    private func minute(_ second: Int64) -> Int32 { Int32(second / 60) }

    private func numbers(_ windows: CurrentWindows, of window: LimitWindow) -> [Int32] {
        windows.numbers.indices.filter { LimitKind.windowKinds[$0].window == window }.map { windows.numbers[$0] }
    }

    @Test func firstAdvanceOpensEveryWindow() {
        var windows = CurrentWindows()
        #expect(numbers(windows).allSatisfy { $0 == 0 })
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        #expect(numbers(windows, of: .hour).allSatisfy { $0 == minute(start) })
        #expect(numbers(windows, of: .day).allSatisfy { $0 == minute(start - 36_000) })
        #expect(windows.seconds(of: .hour) == start..<start + 3600)
        #expect(windows.seconds(of: .day) == start - 36_000..<start + 50_400)
    }

    @Test func anHourEndsAlone() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        _ = windows.advance(to: Timestamp(seconds: start + 3599), in: .utc)
        let before = numbers(windows, of: .day) + numbers(windows, of: .month)
        #expect(numbers(windows, of: .hour).allSatisfy { $0 == minute(start) })
        #expect(windows.advance(to: Timestamp(seconds: start + 3600), in: .utc) == [.hour])
        #expect(numbers(windows, of: .hour).allSatisfy { $0 == minute(start + 3600) })
        #expect(numbers(windows, of: .day) + numbers(windows, of: .month) == before)
    }

    @Test func timeThatPassesNeverGoesBack() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        let before = numbers(windows)
        _ = windows.advance(to: Timestamp(seconds: start - 86_400), in: .utc)
        #expect(numbers(windows) == before)
        #expect(windows.seconds(of: .hour) == start..<start + 3600)
    }

    @Test func aStepLeadsToEveryWindowAndBack() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        let before = numbers(windows)
        #expect(windows.step(to: Timestamp(seconds: start - 3600), in: .utc) == [.hour])
        #expect(windows.seconds(of: .hour) == start - 3600..<start)
        #expect(
            windows.step(to: Timestamp(seconds: start + 400 * 86_400), in: .utc) == LimitWindow.allCases.filter(\.ends))
        #expect(!windows.areCurrent(Self.numbers(before)))
        #expect(windows.step(to: Timestamp(seconds: start), in: .utc) == LimitWindow.allCases.filter(\.ends))
        #expect(numbers(windows) == before)
        #expect(windows.areCurrent(Self.numbers(before)))
        #expect(windows.firstEnd == start + 3600)
    }

    @Test func theLastWindowOfARequestBeganWithItsHour() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start + 5), in: .utc)
        #expect(CurrentWindows.start(of: windows.numbers) == start)
    }

    @Test func waitIsTheTimeToTheEnd() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        #expect(windows.wait(for: .hour, at: Timestamp(seconds: start)) == 3_600_000_000)
        #expect(windows.wait(for: .hour, at: Timestamp(microseconds: (start + 3600) * 1_000_000 - 1)) == 1)
        #expect(windows.wait(for: .hour, at: Timestamp(seconds: start + 9999)) == 0)
    }

    @Test func anotherZoneKeepsTheNumbers() {
        var windows = CurrentWindows()
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        let before = numbers(windows)
        windows.adopt(ZoneOffsets(periods: [.init(start: 0, offset: 5 * 3600)]), at: Timestamp(seconds: start))
        #expect(numbers(windows) == before)
        #expect(windows.seconds(of: .day).upperBound == start + 9 * 3600)
    }

    @Test func anotherZoneBeforeTheFirstRequestOpensNothing() {
        var windows = CurrentWindows()
        windows.adopt(.utc, at: Timestamp(seconds: start))
        #expect(numbers(windows).allSatisfy { $0 == 0 })
    }

    @Test(arguments: [Int64.min, -1, 0, Int64.max - 1, Int64.max])
    func wildClocksDoNotTrap(microseconds: Int64) {
        var windows = CurrentWindows()
        let wild = Timestamp(microseconds: microseconds)
        _ = windows.advance(to: wild, in: .utc)
        for window in LimitWindow.allCases {
            #expect(windows.seconds(of: window).contains(wild.seconds))
            #expect(windows.wait(for: window, at: Timestamp(microseconds: .min)) >= 0)
            #expect(windows.wait(for: window, at: Timestamp(microseconds: .max)) == 0)
        }
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        windows.adopt(ZoneOffsets(periods: [.init(start: .min, offset: .max)]), at: wild)
        #expect(windows.seconds(of: .day).count > 0)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func timeOnlyPassesAndStepsLeadAnywhere(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var windows = CurrentWindows()
        var second = start
        var latest = start
        _ = windows.advance(to: Timestamp(seconds: start), in: .utc)
        for _ in 0..<500 {
            second += Int64.random(in: -90_000...200_000, using: &generator)
            let before = numbers(windows)
            if Bool.random(using: &generator) {
                latest = max(latest, second)
                _ = windows.advance(to: Timestamp(seconds: second), in: .utc)
                #expect(zip(before, numbers(windows)).allSatisfy { $0 <= $1 })
            } else {
                latest = second
                _ = windows.step(to: Timestamp(seconds: second), in: .utc)
            }
            for window in LimitWindow.allCases {
                #expect(windows.seconds(of: window).contains(latest))
                #expect(windows.seconds(of: window) == window.seconds(at: latest, in: .utc))
            }
        }
    }
}
