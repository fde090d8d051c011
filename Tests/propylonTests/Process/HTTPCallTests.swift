import HTTPClient
import Loopback
import Testing
import Transport

@testable import propylon

@Suite(.ownThread) struct HTTPCallTests {
    @Test(arguments: [
        ("http://a.example", "GET / HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n"),
        ("http://a.example:8080/b?c=d", "GET /b?c=d HTTP/1.1\r\nhost: a.example:8080\r\nconnection: close\r\n\r\n"),
        ("https://a.example:443/b", "GET /b HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n"),
        ("https://a.example:80/b", "GET /b HTTP/1.1\r\nhost: a.example:80\r\nconnection: close\r\n\r\n"),
        ("HTTPS://a.example/b", "GET /b HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n"),
        ("http://[::1]:4318/b", "GET /b HTTP/1.1\r\nhost: [::1]:4318\r\nconnection: close\r\n\r\n"),
        ("http://a.example/%20%C3%A9", "GET /%20%C3%A9 HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n"),
    ])
    func headsOfURLs(url: String, head: String) throws {
        let call = try #require(HTTPCall("GET", url))
        #expect(String(decoding: call.head, as: UTF8.self) == head)
    }

    @Test func anIPv6AddressHasNoBrackets() { #expect(HTTPCall("GET", "http://[::1]:4318/")?.origin.host == "::1") }

    @Test(arguments: ["", "a.example", "ftp://a.example", "http://", "http://a.example:99999/", "mailto:a@b"])
    func otherURLsAreRefused(url: String) { #expect(HTTPCall("GET", url) == nil) }

    @Test func bodiesHaveTheirLength() throws {
        var call = try #require(HTTPCall("POST", "http://a.example/"))
        call.body = Array("é".utf8)
        call.fields = [("content-type", "text/plain")]
        #expect(
            String(decoding: call.head, as: UTF8.self)
                == "POST / HTTP/1.1\r\nhost: a.example\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n"
                + "connection: close\r\n\r\n")
    }

    @Test func aValueCannotAddALine() throws {
        var call = HTTPCall(host: "a", port: 80, target: "/")
        call.fields = [("authorization", "Bearer a\r\nx-evil: 1")]
        let lines = String(decoding: call.head, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.count == 6)
        #expect(!lines.contains { $0.hasPrefix("x-evil") })
    }

    @Test func theResponseIsRead() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 418 Teapot\r\ncontent-length: 3\r\n\r\ntea"), .close]
        ])
        let call = HTTPCall(host: "127.0.0.1", port: server.address.port, target: "/a")
        let (status, body) = try await call.send(on: EventLoop(name: "test"))
        #expect(status == 418)
        #expect(body == Array("tea".utf8))
        #expect(server.requests.withLock { $0.first?.hasPrefix("GET /a HTTP/1.1\r\n") } == true)
    }

    @Test func largeResponsesAreRefused() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n12345678901"), .close]
        ])
        let call = HTTPCall(host: "127.0.0.1", port: server.address.port, target: "/")
        let loop = try EventLoop(name: "test")
        await #expect(throws: ClientError.self) { try await call.send(on: loop, limit: 10) }
    }

    @Test func nobodyThereIsAnError() async throws {
        let call = HTTPCall(host: "127.0.0.1", port: 1, target: "/")
        let loop = try EventLoop(name: "test")
        await #expect {
            try await call.send(on: loop)
        } throws: { error in
            if case ClientError.unreachable = error { true } else { false }
        }
    }
}
