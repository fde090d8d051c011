import Glibc
import Loopback
import Testing
import Transport

@testable import Sandbox

@Suite(.ownThread) struct SandboxServerTests {
    private let server: SandboxServer

    init() throws {
        server = try SandboxServer(
            listening: SocketAddress("127.0.0.1", port: 0)!, on: [EventLoop(name: "sandbox-tests")],
            options: SandboxOptions())
    }

    /// All bytes until the end of the connection, and true for a connection that was reset.
    private func exchange(_ model: String, stream: Bool = false, version: String = "1.1") throws -> (
        text: String, isBroken: Bool
    ) {
        let client = try RawClient(to: server.address)
        let body = chat(model, more: stream ? #""stream":true"# : "").body
        client.send(
            Array(
                "POST /v1/chat/completions HTTP/\(version)\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8) + body)
        return client.receiveRest()
    }

    @Test func responsesAreComplete() throws {
        let plain = try exchange("sandbox:tokens=3")
        #expect(plain.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(plain.text.hasSuffix("}}"))
        #expect(try exchange("sandbox:tokens=2000", stream: true).text.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
        #expect(
            try exchange("sandbox:interval=1ms,tokens=5", stream: true).text.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
        #expect(try exchange("sandbox", stream: true, version: "1.0").text.hasSuffix("data: [DONE]\n\n"))
        #expect(try exchange("sandbox:fault=drip,tokens=5").text.hasSuffix("}}"))
    }

    @Test func brokenResponsesAreBroken() throws {
        #expect(try exchange("sandbox:fault=cut-before").text.isEmpty)
        let cut = try exchange("sandbox:fault=cut", stream: true)
        #expect(cut.text.contains("data: "))
        #expect(!cut.text.contains("[DONE]"))
        #expect(!cut.text.hasSuffix("0\r\n\r\n"))
        #expect(!cut.isBroken)
        let reset = try exchange("sandbox:fault=reset", stream: true)
        #expect(reset.isBroken)
        #expect(try exchange("sandbox:fault=wrong-length").text.hasSuffix("}}"))
    }

    @Test func stallsLastUntilTheClientLeaves() throws {
        let client = try RawClient(to: server.address)
        let body = chat("sandbox:fault=stall").body
        client.send(
            Array(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8)
                + body)
        #expect(client.receive()?.isEmpty == false)
        #expect(server.connectionCount == 1)
        client.finishSending()
        _ = client.receiveAll()
        #expect(server.upstream.total.requests == 1)
    }

    @Test func malformedRequestsAreRefused() throws {
        let client = try RawClient(to: server.address)
        client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(client.receiveRest().text.hasPrefix("HTTP/1.1 400 "))
    }

    @Test func twoRequestsShareAConnection() throws {
        let client = try RawClient(to: server.address)
        let head = "GET /v1/models/sandbox HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\n"
        client.send(Array((head + "\r\n" + head + "connection: close\r\n\r\n").utf8))
        let text = client.receiveRest().text
        #expect(text.split(separator: "HTTP/1.1 200 OK").count == 2)
    }

    @Test func webSocketsEcho() throws {
        let client = try RawClient(to: server.address)
        let head =
            "GET /v1/realtime?model=voxtral HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: Upgrade\r\n"
            + "upgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        // The first frame arrives with the head; the second one closes.
        client.send(Array(head.utf8) + frame(0x81, Array("Hello".utf8)) + frame(0x88, [0x03, 0xE8]))
        let text = client.receiveRest().text
        #expect(text.hasPrefix("HTTP/1.1 101 "))
        #expect(text.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(text.contains("\u{05}Hello"))
    }

    @Test func realtimeNeedsAHandshake() throws {
        let client = try RawClient(to: server.address)
        client.send(
            Array("GET /v1/realtime HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\n\r\n".utf8))
        let text = client.receiveRest().text
        #expect(text.hasPrefix("HTTP/1.1 426 "))
        #expect(text.contains("upgrade: websocket\r\n"))
    }

    /// Sends `text` with a host, a key and the end of the connection; returns the response.
    private func send(_ line: String, fields: String = "", body: [UInt8] = []) throws -> String {
        let client = try RawClient(to: server.address)
        let head = "\(line) HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\n\(fields)\r\n"
        client.send(Array(head.utf8) + body)
        return client.receiveRest().text
    }

    @Test func chunkedBodiesAreRead() throws {
        let body = chat("sandbox:tokens=3").body
        let size = String(body.count, radix: 16)
        let text = try send(
            "POST /v1/chat/completions", fields: "transfer-encoding: chunked\r\n",
            body: Array("\(size)\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8))
        #expect(text.hasPrefix("HTTP/1.1 200 "))
    }

    @Test func headHasNoBody() throws {
        let text = try send("HEAD /v1/models/sandbox")
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func queriesAreRead() throws {
        #expect(try send("GET /v1/files?limit=0").hasPrefix("HTTP/1.1 400 "))
        #expect(try send("GET /v1/files?limit=1").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aKeyIsRequired() throws {
        let client = try RawClient(to: server.address)
        client.send("GET /v1/models HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        #expect(client.receiveRest().text.hasPrefix("HTTP/1.1 401 "))
    }

    @Test func gzipIsAnnounced() throws {
        let client = try RawClient(to: server.address)
        let body = chat("sandbox:encoding=gzip").body
        client.send(
            Array(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\naccept-encoding: gzip\r\nconnection: close\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8) + body)
        #expect(client.receive(through: "\r\n\r\n").contains("\r\ncontent-encoding: gzip\r\n"))
    }

    @Test func aPauseEndsWithTheClient() throws {
        do {
            let client = try RawClient(to: server.address)
            let body = chat("sandbox:first=1m").body
            client.send(
                Array(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-length: \(body.count)\r\n\r\n"
                        .utf8) + body)
            client.reset()
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while server.connectionCount > 0, ContinuousClock.now < deadline { usleep(1000) }
        #expect(server.connectionCount == 0)
    }

    @Test func abortEndsStalledResponses() throws {
        let client = try RawClient(to: server.address)
        let body = chat("sandbox:fault=stall-before").body
        client.send(
            Array(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8) + body)
        let deadline = ContinuousClock.now + .seconds(10)
        while server.connectionCount == 0, ContinuousClock.now < deadline { usleep(1000) }
        server.abort()
        #expect(client.receiveRest().text.isEmpty)
    }

    @Test func bodiesAreBounded() throws {
        var options = SandboxOptions()
        options.bodyBytes = 100
        let small = try SandboxServer(
            listening: SocketAddress("127.0.0.1", port: 0)!, on: [EventLoop(name: "sandbox-tests-small")],
            options: options)
        func status(_ count: Int) throws -> String {
            let client = try RawClient(to: small.address)
            let head =
                "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: \(count)\r\n\r\n"
            client.send(Array(head.utf8) + [UInt8](repeating: 0x20, count: count))
            return String(client.receiveRest().text.prefix(12))
        }
        #expect(try status(100) == "HTTP/1.1 400")
        #expect(try status(101) == "HTTP/1.1 413")
    }
}
