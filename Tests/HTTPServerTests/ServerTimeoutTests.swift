import Loopback
import ManualTime
import Testing

@testable import HTTPServer

/// Timeouts of a server, with a clock that the tests step: none depends on the machine's speed.
@Suite(.ownThread) struct ServerTimeoutTests {
    private static let get = "GET / HTTP/1.1\r\nhost: test\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\n\r\nok"

    private let clock = ManualTime()
    private let server: TestServer<EchoHandler>

    init() throws { server = try TestServer(loops: 1, clock: clock) }

    private var connections: Int { server.server.connectionCount.load(ordering: .relaxed) }

    /// Lets the server read everything that clients have sent, up to its next wait.
    private func settle() async { await server.loops[0].settle() }

    /// A client whose connection the server has accepted.
    private func client() async throws -> RawClient {
        let before = connections
        let client = try server.client()
        #expect(await eventually { connections == before + 1 })
        await settle()
        return client
    }

    @Test func aSilentConnectionIsClosedWithoutAResponse() async throws {
        let client = try await client()
        clock.advance(by: .milliseconds(9_999))
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(1))
        #expect(client.receiveAll() == "")
    }

    /// The time counts from the head's first byte, not from the connection's start.
    @Test func aSlowHeadIsAnsweredWith408() async throws {
        let client = try await client()
        clock.advance(by: .seconds(9))
        client.send("GET / HT")
        await settle()
        clock.advance(by: .milliseconds(9_999))
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(1))
        let response = client.receiveAll()
        #expect(response == "HTTP/1.1 408 Request Timeout\r\ncontent-length: 4\r\nconnection: close\r\n\r\nslow")
    }

    /// Each byte of a head comes in time, and the head does not.
    @Test func aHeadInSmallPartsHasOneTimeoutForAll() async throws {
        let client = try await client()
        client.send("G")
        await settle()
        for byte in "ET / HTTP" {
            clock.advance(by: .seconds(1))
            client.send(String(byte))
            await settle()
        }
        #expect(connections == 1)
        clock.advance(by: .seconds(1))
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 408 "))
    }

    /// An empty line may precede a request, and does not begin its head.
    @Test func anEmptyLineIsNotASlowHead() async throws {
        let client = try await client()
        client.send("\r\n")
        await settle()
        clock.advance(by: .seconds(10))
        #expect(client.receiveAll() == "")
    }

    @Test func anIdleConnectionIsClosed() async throws {
        let client = try await client()
        client.send(Self.get)
        #expect(client.receive(count: Self.ok.utf8.count) == Self.ok)
        await settle()
        clock.advance(by: .milliseconds(74_999))
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(1))
        #expect(client.receiveAll() == "")
    }

    @Test func aRequestStartsTheIdleTimeAnew() async throws {
        let client = try await client()
        for _ in 0..<3 {
            client.send(Self.get)
            #expect(client.receive(count: Self.ok.utf8.count) == Self.ok)
            await settle()
            clock.advance(by: .seconds(74))
            await settle()
        }
        #expect(connections == 1)
    }

    @Test func aSilentBodyTimesOut() async throws {
        let client = try await client()
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf")
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        await settle()
        clock.advance(by: .milliseconds(59_999))
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(1))
        #expect(server.handler.outcomes.takeSoon() == "timedOut")
        #expect(client.receiveAll() ?? "" == "")
    }

    @Test func aBodyThatComesSlowlyDoesNotTimeOut() async throws {
        let client = try await client()
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\n")
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        for byte in "slow" {
            await settle()
            clock.advance(by: .seconds(59))
            await settle()
            client.send(String(byte))
        }
        #expect(client.receive(through: "slow").hasSuffix("\r\n\r\nslow"))
    }

    /// The client reads nothing, so that the response fills all buffers.
    @Test func aResponseThatNobodyReadsTimesOut() async throws {
        let client = try await client()
        client.send("GET /large HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(server.handler.beginnings.takeSoon() == "/large")
        // Until the buffers are full.
        #expect(
            await eventually {
                clock.advance(by: .seconds(30)); return connections == 0
            })
        #expect(server.handler.outcomes.takeSoon() == "timedOut")
        _ = client
    }

    /// A client that does not close gets two seconds to read the last response.
    @Test func aClientThatDoesNotCloseIsClosed() async throws {
        let client = try await client()
        client.send("GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        #expect(client.receiveAll()?.hasSuffix("ok") == true)
        await settle()
        clock.advance(by: .milliseconds(1_999))
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { connections == 0 })
    }
}
