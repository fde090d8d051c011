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

    private static func upload(_ count: Int, to path: String = "/echo") -> String {
        "POST \(path) HTTP/1.1\r\nhost: test\r\ncontent-length: \(count)\r\n\r\n"
    }

    /// One kilobyte a second is enough, however long the body takes.
    @Test func aBodyAtTheSlowestRateDoesNotTimeOut() async throws {
        let client = try await client()
        let part = String(repeating: "x", count: 50 << 10)
        client.send(Self.upload(5 * part.utf8.count))
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        for _ in 0..<5 {
            await settle()
            clock.advance(by: .seconds(50))
            await settle()
            client.send(part)
        }
        #expect(client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
    }

    /// A byte every second is progress, and the body does not come.
    @Test func aBodyThatIsTooSlowInAllTimesOut() async throws {
        let client = try await client()
        client.send(Self.upload(1000))
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        for _ in 0..<60 {
            client.send("x")
            await settle()
            #expect(connections == 1)
            clock.advance(by: .seconds(1))
        }
        #expect(server.handler.outcomes.takeSoon() == "timedOut")
    }

    /// A refused client cannot hold the connection by its body, in whatever parts it comes.
    @Test(arguments: ["x", ""]) func aRefusedClientHasTwoSecondsForTheRestOfItsBody(part: String) async throws {
        let client = try await client()
        client.send(Self.upload(60_000, to: "/refuse"))
        #expect(client.receive(through: "no").hasSuffix("\r\n\r\nno"))
        for _ in 0..<19 {
            await settle()
            clock.advance(by: .milliseconds(100))
            client.send(part)
        }
        await settle()
        #expect(connections == 1)
        clock.advance(by: .milliseconds(101))
        #expect(client.receiveAll() == "")
        await settle()
        clock.advance(by: .seconds(2))
        #expect(await eventually { connections == 0 })
    }

    /// A client that is still sending fast has not read the response.
    @Test func aRefusedClientThatSendsFastHasTenSeconds() async throws {
        let client = try await client()
        let part = [UInt8](repeating: 7, count: 2 << 20)
        client.send(Self.upload(1 << 30, to: "/refuse"))
        for _ in 0..<9 {
            client.send(part)
            await settle()
            clock.advance(by: .seconds(1))
            await settle()
            #expect(connections == 1)
        }
        #expect(client.receive(through: "no").hasSuffix("\r\n\r\nno"))
        client.send(part)
        await settle()
        clock.advance(by: .milliseconds(1_001))
        #expect(client.receiveAll() == "")
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
