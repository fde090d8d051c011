import Clocks
import Glibc
import Loopback
import Testing

@testable import Transport

@Suite struct SocketTransferTests {
    @Test func aReadWaitsForBytes() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            #expect(right.read(into: loop.readBuffer) == .wouldBlock)
            #expect(left.writeText("hello") == .bytes(5))
            #expect(await right.wait(for: .readable, until: .never) == .ready)
            #expect(right.readText() == "hello")
            #expect(!right.isReady(for: .readable), "after a short read the descriptor is empty")
        }
    }

    @Test func aHalfCloseIsSeenAndBytesStillFlowBack() async throws {
        try await onLoop { loop in
            let (client, accepted) = try await tcpPair(on: loop)
            defer { client.close(); accepted.close() }
            client.finishSending()
            #expect(await accepted.wait(for: .peerFinished, until: .never) == .ready)
            #expect(!accepted.isBroken)
            #expect(accepted.read(into: loop.readBuffer) == .end)
            _ = accepted.writeText("late")
            #expect(await client.wait(for: .readable, until: .never) == .ready)
            #expect(client.readText() == "late")
        }
    }

    @Test func aResetIsSeenAtOnce() async throws {
        try await onLoop { loop in
            let (client, accepted) = try await tcpPair(on: loop)
            defer { accepted.close() }
            client.reset()
            #expect(await accepted.wait(for: .broken, until: .never) == .ready)
            #expect(accepted.read(into: loop.readBuffer) == .failed(ECONNRESET))
        }
    }

    @Test func bytesAndEndTogetherAreBothRead() async throws {
        try await onLoop { loop in
            let (client, accepted) = try await tcpPair(on: loop)
            defer { accepted.close() }
            _ = client.writeText("last words")
            client.close()
            _ = await accepted.wait(for: .peerFinished, until: .never)
            #expect(accepted.readText() == "last words")
            #expect(await accepted.wait(for: .readable, until: .never) == .ready)
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
            #expect(!left.isReady(for: .writable))
            var received = 0
            while received < sent, case .bytes(let count) = right.read(into: loop.readBuffer) { received += count }
            #expect(received == sent)
            #expect(await left.wait(for: .writable, until: .never) == .ready)
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
}
