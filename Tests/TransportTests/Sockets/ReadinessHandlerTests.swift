import Clocks
import Loopback
import ManualTime
import Testing

@testable import Transport

@Suite struct ReadinessHandlerTests {
    @Test func anEventThatTheObserverHandlesResumesNoTask() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            _ = left.writeText("1")
            let observer = ScriptedObserver { heard in
                _ = right.readText().map { text in _ = left.writeText("\((Int(text) ?? 0) + 1)") }
                return heard.count < 3 ? .never : nil
            }
            let wake = await right.wait(for: .readable, until: .never, observer: observer)
            #expect(wake == .ready)
            #expect(observer.heard == [.ready, .ready, .ready])
            #expect(await right.wait(for: .readable, until: .never) == .ready)
            #expect(right.readText() == "4")
            #expect(observer.heard.count == 3, "a wait without an observer asks nobody")
        }
    }

    @Test func bytesThatTheObserverLeavesResumeTheTask() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            _ = left.writeText("two")
            let observer = ScriptedObserver { _ in
                _ = right.read(into: UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<2]))
                return .never
            }
            #expect(
                await right.wait(for: .readable, until: .never, observer: observer)
                    == .ready)
            #expect(right.readText() == "o")
            #expect(observer.heard == [.ready])
        }
    }

    @Test func anObserverHearsOfItsOwnSocketOnly() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            let (other, otherPeer) = try socketPair(on: loop)
            defer { left.close(); right.close(); other.close() }
            _ = left.writeText("x")
            let observer = ScriptedObserver { _ in
                _ = right.readText()
                otherPeer.close()
                return .never
            }
            let wake = await right.wait(
                for: .readable, or: other, for: .peerFinished, until: .never, observer: observer)
            #expect(wake == .ready)
            #expect(other.peerHasFinished)
            #expect(observer.heard == [.ready])
        }
    }

    @Test func anObserverMovesTheDeadlineOfAWait() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let start = loop.now
            let observer = ScriptedObserver { heard in heard.count == 1 ? start + .seconds(40) : nil }
            nonisolated(unsafe) let socket = right  // stays on this loop
            let ended = Tally()
            loop.spawn {
                let wake = await socket.wait(for: .readable, until: start + .seconds(5), observer: observer)
                #expect(wake == .timedOut)
                ended.add()
            }
            await loop.settle()
            clock.advance(by: .seconds(5))
            await loop.settle()
            #expect(observer.heard == [.timedOut])
            clock.advance(by: .seconds(35) - .nanoseconds(1))
            await loop.settle()
            #expect(ended.count == 0)
            clock.advance(by: .nanoseconds(1))
            await loop.settle()
            #expect(observer.heard == [.timedOut, .timedOut])
            #expect(ended.count == 1)
        }
    }

    @Test func anObserverMovesTheDeadlineOfAnIdleSocket() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let start = loop.now
            let observer = ScriptedObserver { heard in heard.count == 1 ? start + .seconds(40) : nil }
            right.beginIdling(observer: observer, until: start + .seconds(5))
            clock.advance(by: .seconds(5))
            await loop.settle()
            #expect(observer.heard == [.timedOut])
            clock.advance(by: .seconds(34))
            await loop.settle()
            #expect(observer.heard == [.timedOut])
            clock.advance(by: .seconds(1))
            await loop.settle()
            #expect(observer.heard == [.timedOut, .timedOut])
        }
    }

    @Test func anIdleSocketsBytesGoToItsObserver() async throws {
        try await onSteppedLoop { loop, _ in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let observer = ScriptedObserver { _ in
                _ = right.readText()
                return .never
            }
            right.beginIdling(observer: observer, until: .never)
            for count in 1...3 {
                _ = left.writeText("x")
                await loop.settle()
                #expect(observer.heard.count == count)
            }
        }
    }

    @Test func afterIdlingTheObserverHearsNothing() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let observer = ScriptedObserver { _ in nil }
            right.beginIdling(observer: observer, until: loop.now + .seconds(5))
            right.endIdling()
            clock.advance(by: .seconds(5))
            _ = left.writeText("x")
            await loop.settle()
            #expect(observer.heard.isEmpty)
            #expect(await right.wait(for: .readable, until: .never) == .ready)
        }
    }
}

/// Calls a closure for each event, and records the events.
///
/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class ScriptedObserver: ReadinessHandler, @unchecked Sendable {
    private(set) var heard: [Wake] = []
    private let act: ([Wake]) -> MonotonicTime?

    init(_ act: @escaping ([Wake]) -> MonotonicTime?) { self.act = act }

    func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        heard.append(wake)
        return act(heard)
    }
}
