import Clocks
import Glibc
import Loopback
import Testing

@testable import Transport

@Suite struct SocketTests {
    @Test func aReadWaitsForBytes() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            #expect(right.read(into: loop.readBuffer) == .wouldBlock)
            loop.execute {}
            #expect(left.writeText("hello") == .bytes(5))
            #expect(await right.wait(for: .readable, until: .never) == .ready)
            #expect(right.readText() == "hello")
            #expect(!right.isReady(for: .readable), "a short read has emptied the descriptor")
        }
    }

    @Test func aWaitEndsAtItsDeadlineAndNotBefore() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let deadline = MonotonicTime.now + .milliseconds(20)
            #expect(await right.wait(for: .readable, until: deadline) == .timedOut)
            #expect(MonotonicTime.now >= deadline)
        }
    }

    @Test func deadlinesThatAreMovedWakeAtTheirLastPlace() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            // The first wait leaves an early entry behind; the second must not end by it.
            let early = MonotonicTime.now + .milliseconds(10)
            _ = left.writeText("x")
            #expect(await right.wait(for: .readable, until: early) == .ready)
            _ = right.readText()
            let late = MonotonicTime.now + .milliseconds(60)
            #expect(await right.wait(for: .readable, until: late) == .timedOut)
            #expect(MonotonicTime.now >= late)
            // And one that is earlier than what is set must be seen in time.
            let sooner = MonotonicTime.now + .milliseconds(5)
            #expect(await right.wait(for: .readable, until: sooner) == .timedOut)
        }
    }

    @Test func aDescriptorNumberUsedAgainInheritsNothing() async throws {
        try await onLoop { loop in
            for _ in 0..<50 {
                let (left, right) = try socketPair(on: loop)
                _ = left.writeText("x")
                left.close()
                right.close()
                let (again, other) = try socketPair(on: loop)
                #expect(await other.wait(for: .readable, until: .now + .milliseconds(1)) == .timedOut)
                again.close()
                other.close()
            }
        }
    }

    @Test func anotherSocketsHangUpEndsTheWait() async throws {
        try await onLoop { loop in
            let (upstream, server) = try await tcpPair(on: loop)
            let (caller, accepted) = try await tcpPair(on: loop)
            defer { upstream.close(); server.close(); accepted.close() }
            loop.spawn {}
            caller.close()
            let wake = await upstream.wait(for: .readable, or: accepted, for: .peerFinished, until: .now + .seconds(5))
            #expect(wake == .ready)
            #expect(accepted.peerHasFinished)
            #expect(!upstream.isReady(for: .readable))
        }
    }

    @Test func aHalfCloseIsSeenAndBytesStillFlowBack() async throws {
        try await onLoop { loop in
            let (caller, accepted) = try await tcpPair(on: loop)
            defer { caller.close(); accepted.close() }
            caller.finishSending()
            #expect(await accepted.wait(for: .peerFinished, until: .now + .seconds(5)) == .ready)
            #expect(!accepted.isBroken)
            #expect(accepted.read(into: loop.readBuffer) == .end)
            _ = accepted.writeText("late")
            #expect(await caller.wait(for: .readable, until: .now + .seconds(5)) == .ready)
            #expect(caller.readText() == "late")
        }
    }

    @Test func aResetIsSeenAtOnce() async throws {
        try await onLoop { loop in
            let (caller, accepted) = try await tcpPair(on: loop)
            defer { accepted.close() }
            caller.reset()
            #expect(await accepted.wait(for: .broken, until: .now + .seconds(5)) == .ready)
            #expect(accepted.read(into: loop.readBuffer) == .failed(ECONNRESET))
        }
    }

    @Test func bytesAndEndTogetherAreBothRead() async throws {
        try await onLoop { loop in
            let (caller, accepted) = try await tcpPair(on: loop)
            defer { accepted.close() }
            _ = caller.writeText("last words")
            caller.close()
            _ = await accepted.wait(for: .peerFinished, until: .now + .seconds(5))
            #expect(accepted.readText() == "last words")
            #expect(await accepted.wait(for: .readable, until: .now + .seconds(5)) == .ready)
            #expect(accepted.read(into: loop.readBuffer) == .end)
        }
    }

    @Test func aFullPeerMakesWritingWait() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let block = [UInt8](repeating: 7, count: 1 << 20)
            var sent = 0
            loop: while true {
                switch block.withUnsafeBytes({ left.write($0) }) {
                case .bytes(let count): sent += count
                default: break loop
                }
            }
            #expect(await left.wait(for: .writable, until: .now + .milliseconds(5)) == .timedOut)
            var received = 0
            while received < sent, case .bytes(let count) = right.read(into: loop.readBuffer) { received += count }
            #expect(received == sent)
            #expect(await left.wait(for: .writable, until: .now + .seconds(5)) == .ready)
        }
    }

    @Test func vectoredWritesKeepTheirOrder() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let sent = Array("head".utf8).withUnsafeBytes { head in
                Array("body".utf8).withUnsafeBytes { left.write(head, $0) }
            }
            #expect(sent == .bytes(8))
            _ = await right.wait(for: .readable, until: .never)
            #expect(right.readText() == "headbody")
        }
    }

    @Test func anInterruptEndsTheWaitOfThePrincipalToo() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            let (caller, accepted) = try socketPair(on: loop)
            defer { left.close(); right.close(); caller.close(); accepted.close() }
            nonisolated(unsafe) let companion = accepted  // stays on this loop
            loop.execute { companion.interrupt() }
            #expect(await right.wait(for: .readable, or: accepted, for: .peerFinished, until: .never) == .interrupted)
        }
    }

    @Test func whatAnObserverDealsWithWakesNobody() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            _ = left.writeText("1")
            let observer = ScriptedObserver { heard in
                _ = right.readText().map { text in _ = left.writeText("\((Int(text) ?? 0) + 1)") }
                return heard.count < 3 ? .never : nil
            }
            let wake = await right.wait(for: .readable, until: .now + .seconds(5), observer: observer)
            #expect(wake == .ready)
            #expect(observer.heard == [.ready, .ready, .ready])
            #expect(await right.wait(for: .readable, until: .now + .seconds(5)) == .ready)
            #expect(right.readText() == "4")
            #expect(observer.heard.count == 3, "a wait without an observer asks nobody")
        }
    }

    @Test func whatAnObserverLeavesWakesTheTask() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            _ = left.writeText("two")
            let observer = ScriptedObserver { _ in
                _ = right.read(into: UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<2]))
                return .never
            }
            #expect(
                await right.wait(for: .readable, until: .now + .seconds(5), observer: observer)
                    == .ready)
            #expect(right.readText() == "o")
            #expect(observer.heard == [.ready])
        }
    }

    @Test func anObserverIsAskedAboutItsOwnSocketAlone() async throws {
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
                for: .readable, or: other, for: .peerFinished, until: .now + .seconds(5), observer: observer)
            #expect(wake == .ready)
            #expect(other.peerHasFinished)
            #expect(observer.heard == [.ready])
        }
    }

    @Test func anObserverMovesTheDeadlineOfAWaitAndOfARest() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            let late = MonotonicTime.now + .milliseconds(40)
            let observer = ScriptedObserver { heard in heard.count == 1 ? late : nil }
            let early = MonotonicTime.now + .milliseconds(5)
            #expect(
                await right.wait(for: .readable, until: early, observer: observer) == .timedOut)
            #expect(MonotonicTime.now >= late)
            #expect(observer.heard == [.timedOut, .timedOut])

            let later = MonotonicTime.now + .milliseconds(40)
            let second = ScriptedObserver { heard in heard.count == 1 ? later : nil }
            right.beginIdling(observer: second, until: .now + .milliseconds(5))
            while second.heard.count < 2, MonotonicTime.now < later + .seconds(5) {
                _ = await left.wait(for: .readable, until: .now + .milliseconds(5))
            }
            #expect(MonotonicTime.now >= later)
            #expect(second.heard == [.timedOut, .timedOut])
        }
    }

    @Test func lateAcknowledgementsEndTheirDelay() async throws {
        try await onLoop { loop in
            let (client, server) = try await tcpPair(on: loop)
            defer { client.close(); server.close() }
            client.delayAcknowledgements()
            #expect(!client.acknowledgesAtOnce)
            // A small piece alone: its acknowledgement waits for another one, which does not come.
            let before = try #require(server.acknowledgedBytes)
            _ = server.writeText("x")
            _ = await client.wait(for: .readable, until: .now + .seconds(5))
            #expect(client.readText() == "x")
            let deadline = MonotonicTime.now + .seconds(5)
            while !client.acknowledgesAtOnce, MonotonicTime.now < deadline {
                _ = await client.wait(for: .readable, until: .now + .milliseconds(5))
            }
            #expect(client.acknowledgesAtOnce)
            #expect(try #require(server.acknowledgedBytes) == before + 1)
        }
    }

    @Test func acknowledgedBytesTellWhetherThePeerTookAny() async throws {
        try await onLoop { loop in
            let (client, server) = try await tcpPair(on: loop)
            defer { client.close() }
            let before = try #require(client.acknowledgedBytes)
            _ = client.writeText("taken")
            _ = await server.wait(for: .readable, until: .now + .seconds(5))
            let after = try #require(client.acknowledgedBytes)
            #expect(after >= before + 5)
            _ = server.readText()
            server.close()
            _ = await client.wait(for: .peerFinished, until: .now + .seconds(5))
            _ = client.writeText("too late")
            _ = await client.wait(for: .broken, until: .now + .seconds(5))
            #expect(try #require(client.acknowledgedBytes) <= after + 1, "a closed peer acknowledges nothing")
        }
    }
}

extension Socket {
    /// Whether the kernel acknowledges at once what is read.
    fileprivate var acknowledgesAtOnce: Bool {
        var number: Int32 = 1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &number, &length)
        return number != 0
    }
}

/// Does what it is given whenever it is asked, and remembers what it was asked about.
private final class ScriptedObserver: ReadinessHandler {
    private(set) var heard: [Wake] = []
    private let act: ([Wake]) -> MonotonicTime?

    init(_ act: @escaping ([Wake]) -> MonotonicTime?) { self.act = act }

    func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        heard.append(wake)
        return act(heard)
    }
}
