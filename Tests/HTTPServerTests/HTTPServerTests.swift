import Glibc
import HTTP1
import Loopback
import Testing

@testable import HTTPServer
@testable import Transport

@Suite(.ownThread) struct HTTPServerTests {
    private static let get = "GET / HTTP/1.1\r\nhost: test\r\n\r\n"
    private static let silent = "GET /silent HTTP/1.1\r\nhost: test\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\n\r\nok"

    /// Waits until the server has `count` connections, at most ten seconds.
    private func awaitConnections(_ count: Int, of server: HTTPServer) async -> Bool {
        await eventually { server.connectionCount.load(ordering: .relaxed) == count }
    }

    @Test func connectionsAreCountedUntilTheyEnd() async throws {
        let server = try TestServer()
        do {
            let clients = try (0..<5).map { _ in try server.client() }
            for client in clients { client.send(Self.get) }
            for client in clients { #expect(client.receive(count: Self.ok.utf8.count) == Self.ok) }
            #expect(server.server.connectionCount.load(ordering: .relaxed) == 5)
        }
        #expect(await awaitConnections(0, of: server.server))
    }

    @Test func twoListenersMayServeAtOnce() throws {
        let server = try TestServer()
        let second = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = second.address
        server.server.serve(second)
        for client in [try server.client(), try RawClient(to: address)] {
            client.send(Self.get)
            #expect(client.receive(count: Self.ok.utf8.count) == Self.ok)
        }
    }

    /// Beyond the refusals a connection is not accepted, and costs the process nothing. It is when another one has ended.
    @Test func aFullServerRefusesSomeAndLeavesTheOthersInTheQueue() async throws {
        var limits = ServerLimits()
        limits.connections = 1
        limits.refusals = 1
        let server = try TestServer(limits: limits)
        var first: RawClient? = try server.client()
        first?.send(Self.silent)
        #expect(server.handler.beginnings.takeSoon() == "/silent")
        // It stays open, so the server lingers on it.
        let refused = try server.client()
        #expect(refused.receive(through: "full").hasPrefix("HTTP/1.1 503 "))
        var queued = try (0..<5).map { _ in try server.client() }
        for client in queued { client.send("GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n") }
        #expect(await awaitConnections(2, of: server.server))
        first = nil
        queued.reverse()
        while let client = queued.popLast() {
            let response = client.receiveAll() ?? ""
            #expect(response.hasPrefix("HTTP/1.1 200 ") || response.hasSuffix("full"))
            #expect(server.server.connectionCount.load(ordering: .relaxed) <= 2)
        }
        withExtendedLifetime(refused) {}
    }

    @Test func aListenerThatFailsIsReported() throws {
        let server = try TestServer(loops: 1)
        let failures = Mailbox<String>()
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        shutdown(listener.descriptor.number, Int32(SHUT_RDWR))
        server.server.serve(listener, failed: { failures.put("\($0)") })
        #expect(failures.takeSoon() == "accept: Invalid argument")
    }

    @Test func aServerThatDrainsRefusesNewConnections() async throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(Self.get)
        #expect(client.receive(count: Self.ok.utf8.count) == Self.ok)
        server.server.drain()
        #expect(client.receiveAll() == "")
        #expect(await awaitConnections(0, of: server.server))
        #expect(await eventually { (try? RawClient(to: server.address)) == nil })
    }

    /// The acceptor may be told to stop before its loop has opened the listener.
    @Test func aServerMayDrainAsSoonAsItServes() async throws {
        for _ in 0..<20 {
            let server = try TestServer(loops: 1, serves: false)
            server.serve()
            server.server.drain()
            #expect(await eventually { (try? RawClient(to: server.address)) == nil })
        }
    }

    /// The second exchange of a connection must not begin once the server drains, though its request is there already.
    @Test func drainingEndsAPipelineAfterTheExchangeUnderWay() throws {
        let server = try TestServer(loops: 1)
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nha")
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        server.server.drain()
        client.send("lf" + Self.get)
        #expect(client.receiveAll() == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nhalf")
    }

    @Test func abortingEndsExchangesAtOnce() async throws {
        let server = try TestServer()
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients { client.send(Self.silent) }
        for _ in clients { #expect(server.handler.beginnings.takeSoon() == "/silent") }
        // `/silent` waits for ten seconds.
        server.server.abort()
        for _ in clients { #expect(server.handler.outcomes.takeSoon() == "done") }
        #expect(await awaitConnections(0, of: server.server))
    }

    @Test func abortingEndsIdleConnectionsAndUnreadBodies() async throws {
        let server = try TestServer(loops: 1)
        let idle = try server.client()
        idle.send(Self.get)
        #expect(idle.receive(count: Self.ok.utf8.count) == Self.ok)
        let uploading = try server.client()
        uploading.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nha")
        #expect(server.handler.beginnings.takeSoon() == "/")
        #expect(server.handler.beginnings.takeSoon() == "/echo")
        server.server.abort()
        #expect(idle.receiveAll() ?? "" == "")
        #expect(uploading.receiveAll() ?? "" == "")
        #expect(await awaitConnections(0, of: server.server))
    }

    @Test(arguments: [
        (StreamError.timedOut, ExchangeError.timedOut), (.interrupted, .clientGone),
        (.broken(SystemError("recv", 104)), .clientGone),
        (.tls(.closed), .clientGone),
    ]) func errorsOfTheStreamAreThoseOfTheExchange(error: StreamError, expected: ExchangeError) {
        #expect(ExchangeError(error) == expected)
    }
}
