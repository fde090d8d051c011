import Clocks
import SeededRandom
import Testing

@testable import Transport

@Suite struct DeadlineQueueTests {
    private func moment(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    @Test func anEmptyQueueHasNothing() {
        var queue = DeadlineQueue()
        #expect(queue.first == .never)
        #expect(queue.popExpired(at: moment(.max)) == nil)
    }

    @Test func descriptorsExpireInTheOrderOfTheirDeadlines() {
        var queue = DeadlineQueue()
        queue.insert(moment(30), for: 3)
        queue.insert(moment(10), for: 9)
        queue.insert(moment(20), for: 0)
        #expect(queue.first == moment(10))
        #expect(queue.popExpired(at: moment(9)) == nil)
        #expect(queue.popExpired(at: moment(30)) == 9)
        #expect(queue.popExpired(at: moment(30)) == 0)
        #expect(queue.popExpired(at: moment(30)) == 3)
        #expect(queue.popExpired(at: moment(30)) == nil)
    }

    @Test func aLaterDeadlineMakesNoEntry() {
        var queue = DeadlineQueue()
        queue.insert(moment(10), for: 1)
        queue.insert(moment(50), for: 1)
        #expect(queue.popExpired(at: moment(10)) == 1)
        #expect(queue.first == .never)
    }

    @Test func anEarlierDeadlineReplacesTheOthers() {
        var queue = DeadlineQueue()
        queue.insert(moment(50), for: 1)
        queue.insert(moment(10), for: 1)
        #expect(queue.popExpired(at: moment(10)) == 1)
        #expect(queue.popExpired(at: moment(60)) == nil)
    }

    /// The loop's use of the queue: it asks a descriptor that expires for its real deadline, and inserts it again if that is later.
    /// The model knows the real deadlines only.
    @Test(arguments: 0..<100) func everyDescriptorExpiresExactlyAtItsDeadline(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = DeadlineQueue()
        var deadlines: [Int32: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<300 {
            let descriptor = Int32.random(in: 0..<8, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let deadline = now + UInt64.random(in: 1..<100, using: &random)
                deadlines[descriptor] = deadline
                queue.insert(moment(deadline), for: descriptor)
            case 2: deadlines[descriptor] = nil
            default:
                now += UInt64.random(in: 0..<60, using: &random)
                let expected = Set(deadlines.filter { $0.value <= now }.keys)
                var expired: Set<Int32> = []
                while let late = queue.popExpired(at: moment(now)) {
                    guard let deadline = deadlines[late] else { continue }
                    if deadline > now {
                        queue.insert(moment(deadline), for: late)
                    } else {
                        expired.insert(late)
                        deadlines[late] = nil
                    }
                }
                #expect(expired == expected)
                if let next = deadlines.values.min() { #expect(queue.first <= moment(next)) }
            }
        }
    }
}
