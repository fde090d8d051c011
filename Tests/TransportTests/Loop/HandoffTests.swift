import Dispatch
import Glibc
import Synchronization
import Testing
import Transport

@Suite struct HandoffTests {
    @Test func theValueIsHandedOverOnce() {
        let handoff = Handoff(42)
        #expect(handoff.take() == 42)
        #expect(handoff.take() == nil)
    }

    @Test func aValueThatCannotBeCopiedIsHandedOver() throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = listener.address
        let handoff = Handoff(listener)
        let taken = addressOfListener(in: handoff)
        #expect(taken == address)
        let again = addressOfListener(in: handoff)
        #expect(again == nil)
    }

    @Test func aValueThatIsNeverTakenEndsWithTheBox() throws {
        let ends = EndCount()
        do { _ = Handoff(Counted(ends)) }
        #expect(ends.value.load(ordering: .relaxed) == 1)
    }

    @Test func aTakenValueDoesNotEndWithTheBox() throws {
        let ends = EndCount()
        let taken: Counted?
        do { taken = Handoff(Counted(ends)).take() }
        #expect(ends.value.load(ordering: .relaxed) == 0)
        _ = consume taken
        #expect(ends.value.load(ordering: .relaxed) == 1)
    }

    @Test func ofManyThreadsOneGetsTheValue() {
        for _ in 0..<200 {
            let handoff = Handoff(1)
            let takers = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                if handoff.take() != nil { takers.add(1, ordering: .relaxed) }
            }
            #expect(takers.load(ordering: .relaxed) == 1)
        }
    }
}

private func addressOfListener(in handoff: Handoff<Listener>) -> SocketAddress? {
    guard let listener = handoff.take() else { return nil }
    return listener.address
}

private final class EndCount: Sendable {
    let value = Atomic<Int>(0)
}

private struct Counted: ~Copyable, Sendable {
    private let ends: EndCount
    init(_ ends: EndCount) { self.ends = ends }
    deinit { ends.value.add(1, ordering: .relaxed) }
}
