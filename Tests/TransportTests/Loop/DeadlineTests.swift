import Clocks
import Loopback
import ManualTime
import Testing

@testable import Transport

/// Deadlines on a clock that the test moves. None of these tests waits for real time.
@Suite struct DeadlineTests {
    @Test func aDeadlineOfAnHourFiresAtOnceWhenTheClockIsAdvanced() async throws {
        let waiting = try Waiting(after: .seconds(3600))
        await waiting.loop.settle()
        waiting.clock.advance(by: .seconds(3600))
        #expect(try await waiting.wake.value == .timedOut)
    }

    @Test func nothingFiresANanosecondBefore() async throws {
        let waiting = try Waiting(after: .seconds(3600))
        await waiting.loop.settle()
        waiting.clock.advance(by: .seconds(3600) - .nanoseconds(1))
        await waiting.loop.settle()
        #expect(waiting.ended.count == 0)
        waiting.clock.advance(by: .nanoseconds(1))
        #expect(try await waiting.wake.value == .timedOut)
        #expect(waiting.ended.count == 1)
    }

    @Test func theWallClockFiresNothing() async throws {
        let waiting = try Waiting(after: .seconds(1))
        await waiting.loop.settle()
        waiting.clock.setWall(Timestamp(seconds: 4_000_000_000))
        await waiting.loop.settle()
        #expect(waiting.ended.count == 0)
        waiting.clock.advance(by: .seconds(1))
        #expect(try await waiting.wake.value == .timedOut)
    }

    @Test func oneClockDrivesManyLoopsAndManySockets() async throws {
        let clock = ManualTime()
        let ended = Tally()
        let loops = try (0..<3).map { try EventLoop(name: "stepped-\($0)", clock: clock) }
        let waits = loops.flatMap { loop in
            (1...20).map { seconds in
                Task(executorPreference: loop) { try await waitOnce(on: loop, for: .seconds(seconds), counting: ended) }
            }
        }
        for second in 1...20 {
            for loop in loops { await loop.settle() }
            #expect(ended.count == 3 * (second - 1))
            clock.advance(by: .seconds(1))
        }
        for wait in waits { #expect(try await wait.value == .timedOut) }
        #expect(ended.count == 60)
    }

    @Test func bytesThatAreThereInTimeWinOverADeadlineSeenInTheSameRound() async throws {
        let wake = try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            // Both happen before the loop looks again.
            nonisolated(unsafe) let writer = left
            loop.execute {
                _ = writer.writeText("x")
                clock.advance(by: .seconds(10))
            }
            return await right.wait(for: .readable, until: loop.now + .seconds(5))
        }
        #expect(wake == .ready)
    }

    @Test func theLoopsMomentIsThatOfItsRound() async throws {
        try await onSteppedLoop { loop, clock in
            let before = loop.now
            clock.advance(by: .seconds(7))
            #expect(loop.now == before)
            #expect(loop.clock.monotonic == before + .seconds(7))
            await loop.settle(rounds: 1)
            #expect(loop.now == before + .seconds(7))
        }
    }

    @Test func aLoopThatEndedIsNotWoken() async throws {
        let clock = ManualTime()
        weak var ended: EventLoop?
        do {
            let loop = try EventLoop(name: "stepped", clock: clock)
            await loop.settle()
            ended = loop
        }
        // The queue lets go of the loop when its last turn is over.
        for _ in 0..<10_000 where ended != nil { try await Task.sleep(for: .milliseconds(1)) }
        #expect(ended == nil)
        clock.advance(by: .seconds(1))
    }

    @Test func theSystemsClockFiresWithoutBeingStepped() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            // Longer than the loop lingers, so that it is the timer that fires.
            let deadline = loop.now + .milliseconds(30)
            #expect(await right.wait(for: .readable, until: deadline) == .timedOut)
            #expect(loop.clock.monotonic >= deadline)
        }
    }
}

/// A task that waits for a socket which never becomes ready.
private struct Waiting {
    let clock: ManualTime
    let loop: EventLoop
    let wake: Task<Wake, any Error>
    /// Counts the ends of the wait.
    let ended: Tally

    init(after duration: Duration) throws {
        let clock = ManualTime()
        let loop = try EventLoop(name: "stepped", clock: clock)
        let ended = Tally()
        self.clock = clock
        self.loop = loop
        self.ended = ended
        wake = Task(executorPreference: loop) { try await waitOnce(on: loop, for: duration, counting: ended) }
    }
}

private func waitOnce(on loop: EventLoop, for duration: Duration, counting ended: Tally) async throws -> Wake {
    let (left, right) = try socketPair(on: loop)
    defer { left.close(); right.close() }
    let wake = await right.wait(for: .readable, until: loop.now + duration)
    ended.add()
    return wake
}
