import EventLoop
import Glibc
import Testing

@testable import Sandbox

@Suite struct SandboxServerTests {
    private let server: SandboxServer

    init() throws {
        server = try SandboxServer(
            listening: SocketAddress("127.0.0.1", port: 0)!, on: [EventLoop(name: "sandbox-tests")],
            options: SandboxOptions())
    }

    /// Everything that comes until the connection ends, and whether it ended properly.
    private func exchange(_ model: String, stream: Bool = false, version: String = "1.1") throws -> (
        text: String, isReset: Bool
    ) {
        let caller = try Caller(to: server.address)
        let body = chat(model, more: stream ? #""stream":true"# : "").body
        caller.send(
            Array(
                "POST /v1/chat/completions HTTP/\(version)\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8) + body)
        return caller.receiveAll()
    }

    @Test func answersArriveWhole() throws {
        let plain = try exchange("sandbox:tokens=3")
        #expect(plain.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(plain.text.hasSuffix("}}"))
        #expect(try exchange("sandbox:tokens=2000", stream: true).text.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
        #expect(
            try exchange("sandbox:interval=1ms,tokens=5", stream: true).text.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
        #expect(try exchange("sandbox", stream: true, version: "1.0").text.hasSuffix("data: [DONE]\n\n"))
        #expect(try exchange("sandbox:fault=drip,tokens=5").text.hasSuffix("}}"))
    }

    @Test func brokenAnswersAreBroken() throws {
        #expect(try exchange("sandbox:fault=cut-before").text.isEmpty)
        let cut = try exchange("sandbox:fault=cut", stream: true)
        #expect(cut.text.contains("data: ") && !cut.text.contains("[DONE]") && !cut.text.hasSuffix("0\r\n\r\n"))
        #expect(!cut.isReset)
        let reset = try exchange("sandbox:fault=reset", stream: true)
        #expect(reset.isReset)
        #expect(try exchange("sandbox:fault=wrong-length").text.hasSuffix("}}"))
    }

    @Test func stallsLastUntilTheCallerLeaves() throws {
        let caller = try Caller(to: server.address)
        let body = chat("sandbox:fault=stall").body
        caller.send(
            Array(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-length: \(body.count)\r\n\r\n"
                    .utf8)
                + body)
        #expect(!caller.receive().isEmpty)
        #expect(server.connectionCount == 1)
        caller.finishSending()
        _ = caller.receiveAll()
        #expect(server.upstream.total.requests == 1)
    }

    @Test func malformedRequestsAreRefused() throws {
        let caller = try Caller(to: server.address)
        caller.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(caller.receiveAll().text.hasPrefix("HTTP/1.1 400 "))
    }

    @Test func twoRequestsShareAConnection() throws {
        let caller = try Caller(to: server.address)
        let head = "GET /v1/models/sandbox HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\n"
        caller.send(Array((head + "\r\n" + head + "connection: close\r\n\r\n").utf8))
        let text = caller.receiveAll().text
        #expect(text.split(separator: "HTTP/1.1 200 OK").count == 2)
    }

    @Test func webSocketsEcho() throws {
        let caller = try Caller(to: server.address)
        let head =
            "GET /v1/realtime?model=voxtral HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: Upgrade\r\n"
            + "upgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        // The first frame comes with the head, the second closes.
        caller.send(Array(head.utf8) + frame(0x81, Array("Hello".utf8)) + frame(0x88, [0x03, 0xE8]))
        let text = caller.receiveAll().text
        #expect(text.hasPrefix("HTTP/1.1 101 "))
        #expect(text.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(text.contains("\u{05}Hello"))
    }

    @Test func realtimeSpeaksWebSocketAlone() throws {
        let caller = try Caller(to: server.address)
        caller.send(
            Array("GET /v1/realtime HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\nconnection: close\r\n\r\n".utf8))
        let text = caller.receiveAll().text
        #expect(text.hasPrefix("HTTP/1.1 426 ") && text.contains("upgrade: websocket\r\n"))
    }
}

/// A caller that blocks, ten seconds at most.
private final class Caller {
    private let descriptor: Int32

    init(to address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw SystemError("connect", errno) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    func receiveAll() -> (text: String, isReset: Bool) {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return (String(decoding: all, as: UTF8.self), count < 0 && errno == ECONNRESET) }
            all += buffer.prefix(count)
        }
    }
}
