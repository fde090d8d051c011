import Clocks
import Glibc
import Loopback
import ManualTime
import Testing

@testable import Transport

@Suite struct SocketTests {
    @Test func aWaitForSomethingReadyDoesNotSuspend() async throws {
        try await onSteppedLoop { loop, _ in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            // A moment long past, which a suspended wait would report.
            #expect(await right.wait(for: .writable, until: MonotonicTime(nanoseconds: 0)) == .ready)
            #expect(await Socket.waitForAny(of: [left, right], for: .writable, until: .never) == .ready)
        }
    }

    @Test func aWaitEndsAtItsDeadlineAndNotBefore() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let wait = StartedWait(for: right, until: loop.now + .milliseconds(20))
            await loop.settle()
            clock.advance(by: .milliseconds(19))
            await loop.settle()
            #expect(wait.result == nil)
            clock.advance(by: .milliseconds(1))
            await loop.settle()
            #expect(wait.result == .timedOut)
        }
    }

    @Test func anEarlierEntryDoesNotEndALaterWait() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            // The first wait ends before its deadline and leaves its entry in the queue.
            let first = StartedWait(for: right, until: loop.now + .seconds(10))
            await loop.settle()
            _ = left.writeText("x")
            await loop.settle()
            #expect(first.result == .ready)
            _ = right.readText()
            let second = StartedWait(for: right, until: loop.now + .seconds(60))
            await loop.settle()
            clock.advance(by: .seconds(10))
            await loop.settle()
            #expect(second.result == nil)
            clock.advance(by: .seconds(50))
            await loop.settle()
            #expect(second.result == .timedOut)
        }
    }

    @Test func anEarlierDeadlineThanThoseBeforeIsKept() async throws {
        try await onSteppedLoop { loop, clock in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let late = StartedWait(for: right, until: loop.now + .seconds(60))
            await loop.settle()
            right.interrupt()
            await loop.settle()
            #expect(late.result == .interrupted)
            let early = StartedWait(for: right, until: loop.now + .seconds(5))
            await loop.settle()
            clock.advance(by: .seconds(5))
            await loop.settle()
            #expect(early.result == .timedOut)
        }
    }

    @Test func aDeadlineThatHasPassedEndsTheWaitInTheNextRound() async throws {
        try await onSteppedLoop { loop, _ in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            #expect(await right.wait(for: .readable, until: MonotonicTime(nanoseconds: 0)) == .timedOut)
        }
    }

    @Test func aReusedDescriptorNumberInheritsNothing() async throws {
        try await onSteppedLoop { loop, _ in
            for _ in 0..<50 {
                let (left, right) = try socketPair(on: loop)
                _ = left.writeText("x")
                left.close()
                right.close()
                let (again, other) = try socketPair(on: loop)
                await loop.settle(rounds: 2)
                #expect(!other.isReady(for: .readable))
                #expect(!other.peerHasFinished)
                again.close()
                other.close()
            }
        }
    }

    @Test func anotherSocketsHangUpEndsTheWait() async throws {
        try await onLoop { loop in
            let (upstream, server) = try await tcpPair(on: loop)
            let (client, accepted) = try await tcpPair(on: loop)
            defer { upstream.close(); server.close(); accepted.close() }
            client.close()
            let wake = await upstream.wait(for: .readable, or: accepted, for: .peerFinished, until: .never)
            #expect(wake == .ready)
            #expect(accepted.peerHasFinished)
            #expect(!upstream.isReady(for: .readable))
        }
    }

    @Test func aSocketLeavesTheWaitThatItJoined() async throws {
        try await onSteppedLoop { loop, _ in
            let (left, right) = try socketPair(on: loop)
            let (client, accepted) = try socketPair(on: loop)
            defer { left.close(); right.close(); client.close(); accepted.close() }
            _ = left.writeText("x")
            #expect(await right.wait(for: .readable, or: accepted, for: .peerFinished, until: .never) == .ready)
            // It can be waited for by itself now.
            _ = client.writeText("y")
            #expect(await accepted.wait(for: .readable, until: .never) == .ready)
        }
    }

    @Test func anInterruptEndsTheWaitOfTheWaiterToo() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            let (client, accepted) = try socketPair(on: loop)
            defer { left.close(); right.close(); client.close(); accepted.close() }
            nonisolated(unsafe) let joined = accepted  // stays on this loop
            loop.execute { joined.interrupt() }
            #expect(await right.wait(for: .readable, or: accepted, for: .peerFinished, until: .never) == .interrupted)
            #expect(accepted.interrupts == 1)
            #expect(right.interrupts == 0)
        }
    }

    @Test func anInterruptWithoutAWaitIsOnlyCounted() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            right.interrupt()
            #expect(right.interrupts == 1)
            _ = left.writeText("x")
            #expect(await right.wait(for: .readable, until: .never) == .ready)
        }
    }

    @Test func theFirstReadySocketOfManyEndsTheWait() async throws {
        try await onLoop { loop in
            let pairs = try (0..<5).map { _ in try socketPair(on: loop) }
            defer { for (left, right) in pairs { left.close(); right.close() } }
            for index in [3, 0, 4] {
                _ = pairs[index].0.writeText("x")
                #expect(await Socket.waitForAny(of: pairs.map(\.1), for: .readable, until: .never) == .ready)
                #expect(pairs.indices.filter { pairs[$0].1.isReady(for: .readable) } == [index])
                _ = pairs[index].1.readText()
            }
        }
    }

    @Test func closingTwiceIsHarmless() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            left.close()
            // The number belongs to another file now, which a second close must not close.
            let (again, other) = try socketPair(on: loop)
            left.close()
            left.reset()
            _ = again.writeText("x")
            #expect(await other.wait(for: .readable, until: .never) == .ready)
            for socket in [right, again, other] { socket.close() }
        }
    }

    @Test func aDescriptorThatCannotBeWatchedIsRefused() async throws {
        try await onLoop { loop in
            // epoll does not watch regular files.
            let number = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
            #expect(throws: SystemError("epoll_ctl", EPERM)) {
                try Socket(OwnedDescriptor(taking: number), on: loop).close()
            }
        }
    }
}

/// A wait in a task of its own on the socket's loop, whose result can be asked for.
///
/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class StartedWait: @unchecked Sendable {
    private(set) var result: Wake?

    init(for socket: Socket, until deadline: MonotonicTime) {
        nonisolated(unsafe) let socket = socket  // stays on its loop
        socket.loop.spawn { [self] in result = await socket.wait(for: .readable, until: deadline) }
    }
}
