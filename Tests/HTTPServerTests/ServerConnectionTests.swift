import HTTP1
import Loopback
import Testing
import Transport

@testable import HTTPServer

@Suite(.ownThread) struct ServerConnectionTests {
    private static let get = "GET / HTTP/1.1\r\nhost: test\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\n\r\nok"

    @Test func aConnectionServesOneRequestAfterTheOther() throws {
        let server = try TestServer()
        let client = try server.client()
        for _ in 0..<3 {
            client.send(Self.get)
            #expect(client.receive(through: "ok") == Self.ok)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try TestServer()
        let client = try server.client()
        let posts = (0..<5).map { "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\nn=\($0)" }
        client.send(posts.joined() + Self.get)
        for number in 0..<5 {
            #expect(client.receive(through: "n=\(number)") == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nn=\(number)")
        }
        #expect(client.receive(through: "ok") == Self.ok)
    }

    @Test func everySplitOfARequestIsUnderstood() throws {
        let server = try TestServer()
        let request =
            "POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
        for split in stride(from: 1, to: request.utf8.count, by: 3) {
            let client = try server.client()
            client.send(Array(request.utf8.prefix(split)))
            client.send(Array(request.utf8.dropFirst(split)))
            #expect(client.receive(through: "abcde") == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde")
        }
    }

    @Test func malformedBytesAreAnsweredAndTheConnectionCloses() throws {
        let server = try TestServer()
        for bytes in ["GET / HTTP/1.1\nhost: x\n\n", "G E T\r\n\r\n", "GET / HTTP/1.1\r\nhost : x\r\n\r\n"] {
            let client = try server.client()
            client.send(bytes)
            let answer = try #require(client.receiveAll())
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("connection: close\r\n"))
        }
    }

    @Test func aHeadTooLargeIsRefused() throws {
        var limits = ServerLimits()
        limits.headerBytes = 512
        let client = try TestServer(limits: limits).client()
        client.send("GET / HTTP/1.1\r\nhost: test\r\nx: " + String(repeating: "a", count: 1000) + "\r\n\r\n")
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 431 "))
    }

    @Test(arguments: ["HEAD / HTTP/1.1\r\nhost: test\r\n\r\n", "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"])
    func aFaultAfterARequestIsAnsweredWhole(request: String) throws {
        let client = try TestServer().client()
        client.send(request + "no request\r\n\r\n")
        let response = try #require(client.receiveAll())
        #expect(response.contains("HTTP/1.1 400 Bad Request\r\ncontent-length: "))
        #expect(!response.hasSuffix("\r\n\r\n"))
    }

    @Test func oneConnectionTooManyIsRefused() throws {
        var limits = ServerLimits()
        limits.connections = 1
        let server = try TestServer(limits: limits)
        let first = try server.client()
        first.send(Self.get)
        #expect(first.receive(through: "ok") == Self.ok)
        let second = try server.client()
        #expect(try #require(second.receiveAll()).hasPrefix("HTTP/1.1 503 "))
        first.send(Self.get)
        #expect(first.receive(through: "ok") == Self.ok)
    }

    @Test func drainingClosesIdleConnectionsAndFinishesTheOthers() throws {
        // On one loop: when the idle connection has been closed, the busy one has been told too.
        let server = try TestServer(loops: 1)
        let idle = try server.client()
        idle.send(Self.get)
        #expect(idle.receive(through: "ok") == Self.ok)
        let busy = try server.client()
        busy.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nha")
        while try #require(server.handler.beginnings.takeSoon()) != "/echo" {}
        server.server.drain()
        #expect(idle.receiveAll() == "")
        busy.send("lf")
        #expect(busy.receiveAll() == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nhalf")
        #expect(throws: (any Error).self) { try server.client().send("x") }
    }

    /// A client of a retiring server sees no cut: the response of its next request says that it is the last one.
    @Test func retiringAnswersOneMoreRequestOfEachConnection() async throws {
        // On one loop: when it listens no more, all connections have been told.
        let server = try TestServer(loops: 1)
        let clients = try (0..<8).map { _ in try server.client() }
        for client in clients {
            client.send(Self.get)
            #expect(client.receive(through: "ok") == Self.ok)
        }
        server.server.retire()
        #expect(await eventually { (try? server.client()) == nil })
        for client in clients {
            client.send(Self.get)
            #expect(
                client.receiveAll()
                    == "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        }
    }

    /// A listener that a reload removes: its connections drain, the others go on.
    @Test func stoppingAListenerDrainsItsConnectionsAlone() async throws {
        let server = try TestServer(loops: 1)
        let kept = try server.client()
        kept.send(Self.get)
        #expect(kept.receive(through: "ok") == Self.ok)
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = listener.address
        let acceptor = server.server.serve(listener)
        let idle = try RawClient(to: address)
        idle.send(Self.get)
        #expect(idle.receive(through: "ok") == Self.ok)
        server.server.stop(acceptor)
        #expect(idle.receiveAll() == "")
        #expect(await eventually { (try? RawClient(to: address)) == nil })
        kept.send(Self.get)
        #expect(kept.receive(through: "ok") == Self.ok)
    }

    /// The process that takes over holds the same socket: the port stays open, and waiting connections are not lost.
    @Test func anotherHolderOfTheSocketGetsTheWaitingConnections() async throws {
        let first = try TestServer(loops: 1, serves: false)
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = listener.address
        let other = try Listener(inheriting: listener.duplicate())
        first.server.stop(first.server.serve(listener))
        // It accepts none any more from here on.
        await first.loops[0].settle()
        let client = try RawClient(to: address)
        client.send(Self.get)
        let second = try TestServer(loops: 1, serves: false)
        second.server.serve(other)
        #expect(client.receive(through: "ok") == Self.ok)
    }

    @Test(arguments: [1, 8, 18, 29])
    func aRequestWhoseHeadHasStartedIsAnsweredWhileTheServerDrains(split: Int) throws {
        let server = try TestServer(loops: 1)
        let idle = try server.client()
        let half = try server.client()
        half.send(Self.get)
        #expect(half.receive(through: "ok") == Self.ok)
        half.send(Array(Self.get.utf8.prefix(split)))
        // On one loop: an answer on another connection shows that the bytes sent before have been read.
        idle.send(Self.get)
        #expect(idle.receive(through: "ok") == Self.ok)
        server.server.drain()
        #expect(idle.receiveAll() == "")
        half.send(Array(Self.get.utf8.dropFirst(split)))
        #expect(half.receiveAll() == "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
    }

    @Test func manyConnectionsAtOnce() async throws {
        let server = try TestServer()
        let clients = try (0..<200).map { _ in try server.client() }
        for client in clients { client.send(Self.get) }
        for client in clients { #expect(client.receive(through: "ok") == Self.ok) }
    }
}
