import Clocks
import Testing

@testable import Gateway

@Suite struct UpstreamKeysTests {
    private func at(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func keysAreUsedInTurn() {
        let keys = UpstreamKeys(["a", "b", "c"])
        let used = (0..<6).map { _ in keys.next(at: at(1))?.authorization }
        #expect(used == ["Bearer a", "Bearer b", "Bearer c", "Bearer a", "Bearer b", "Bearer c"])
    }

    @Test func aRefusedKeyIsLeftOutForAWhile() throws {
        let keys = UpstreamKeys(["a", "b"])
        let first = try #require(keys.next(at: at(1)))
        keys.refused(first, at: at(1))
        #expect((0..<4).map { _ in keys.next(at: at(60))?.index } == [1, 1, 1, 1])
        #expect((0..<4).contains { _ in keys.next(at: at(61))?.index == 0 })
    }

    @Test func theKeyThatWasRefusedFirstIsTriedFirstWhereAllAre() throws {
        let keys = UpstreamKeys(["a", "b"])
        for second in [1, 2] as [UInt64] { keys.refused(try #require(keys.next(at: at(second))), at: at(second)) }
        #expect(keys.next(at: at(3))?.index == 0)
    }

    @Test func anUpstreamMayWantNoKey() {
        #expect(UpstreamKeys([]).next(at: at(1)) == nil)
        #expect(UpstreamKeys([]).count == 0)
    }

    @Test func aSingleKeyIsUsedThoughItWasRefused() throws {
        let keys = UpstreamKeys(["a"])
        keys.refused(try #require(keys.next(at: at(1))), at: at(1))
        #expect(keys.next(at: at(2))?.authorization == "Bearer a")
    }
}
