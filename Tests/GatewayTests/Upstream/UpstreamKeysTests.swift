import Clocks
import Testing

@testable import Gateway

@Suite struct UpstreamKeysTests {
    private func at(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func keysAreUsedInTurn() {
        let keys = UpstreamKeys(["a", "b", "c"], of: "upstream", nil)
        let used = (0..<6).map { _ in keys.next(at: at(1))?.authorization }
        #expect(used == ["Bearer a", "Bearer b", "Bearer c", "Bearer a", "Bearer b", "Bearer c"])
    }

    @Test func aRefusedKeyIsLeftOutForAWhile() throws {
        let keys = UpstreamKeys(["a", "b"], of: "upstream", nil)
        let first = try #require(keys.next(at: at(1)))
        keys.pause(first.index, until: at(61))
        #expect((0..<4).map { _ in keys.next(at: at(60))?.index } == [1, 1, 1, 1])
        #expect((0..<4).contains { _ in keys.next(at: at(61))?.index == 0 })
    }

    @Test func theKeyThatWasRefusedFirstIsTriedFirstWhereAllAre() throws {
        let keys = UpstreamKeys(["a", "b"], of: "upstream", nil)
        for second in [1, 2] as [UInt64] {
            keys.pause(try #require(keys.next(at: at(second))).index, until: at(second + 60))
        }
        #expect(keys.next(at: at(3))?.index == 0)
    }

    @Test func anUpstreamMayWantNoKey() {
        #expect(UpstreamKeys([], of: "upstream", nil).next(at: at(1)) == nil)
        #expect(UpstreamKeys([], of: "upstream", nil).another(than: [], at: at(1)) == nil)
    }

    @Test func aSingleKeyIsUsedThoughItWasRefused() throws {
        let keys = UpstreamKeys(["a"], of: "upstream", nil)
        keys.pause(0, until: at(61))
        #expect(keys.next(at: at(2))?.authorization == "Bearer a")
    }

    @Test func anotherKeyIsOneThatWasNotTriedAndIsNotLeftOut() {
        let keys = UpstreamKeys(["a", "b", "c"], of: "upstream", nil)
        keys.pause(1, until: at(60))
        #expect(keys.another(than: [0], at: at(1))?.index == 2)
        #expect(keys.another(than: [0, 2], at: at(1)) == nil)
        #expect(keys.another(than: [0, 2], at: at(60))?.index == 1)
    }

    @Test func aPauseIsNotCutShort() {
        let keys = UpstreamKeys(["a", "b"], of: "upstream", nil)
        keys.pause(0, until: at(60))
        keys.pause(0, until: at(5))
        #expect(keys.another(than: [1], at: at(59)) == nil)
    }
}
