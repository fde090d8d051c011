import Clocks
import Glibc
import Loopback
import Testing

@testable import Transport

@Suite struct SocketOptionsTests {
    @Test func lateAcknowledgementsEndTheirDelay() async throws {
        try await onLoop { loop in
            let (client, server) = try await tcpPair(on: loop)
            defer { client.close(); server.close() }
            client.delayAcknowledgements()
            #expect(!client.acknowledgesAtOnce)
            // The acknowledgement of a single small piece waits for a second piece, which does not come.
            let before = try #require(server.acknowledgedBytes)
            _ = server.writeText("x")
            _ = await client.wait(for: .readable, until: loop.clock.monotonic + .seconds(30))
            #expect(client.readText() == "x")
            let deadline = loop.clock.monotonic + .seconds(30)
            func isOver() -> Bool { client.acknowledgesAtOnce && server.acknowledgedBytes == before + 1 }
            while !isOver(), loop.clock.monotonic < deadline {
                _ = await client.wait(for: .readable, until: loop.clock.monotonic + .milliseconds(5))
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
            _ = await server.wait(for: .readable, until: loop.clock.monotonic + .seconds(30))
            let after = try #require(client.acknowledgedBytes)
            #expect(after >= before + 5)
            _ = server.readText()
            server.close()
            _ = await client.wait(for: .peerFinished, until: loop.clock.monotonic + .seconds(30))
            _ = client.writeText("too late")
            _ = await client.wait(for: .broken, until: loop.clock.monotonic + .seconds(30))
            #expect(try #require(client.acknowledgedBytes) <= after + 1, "a closed peer acknowledges nothing")
        }
    }
}

extension Socket {
    /// True when the kernel acknowledges at once.
    fileprivate var acknowledgesAtOnce: Bool {
        var number: Int32 = 1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &number, &length)
        return number != 0
    }
}
