import Loopback
import ManualTime
import Testing
import Transport

@testable import HTTPClient

/// Connections through a scripted proxy, which plays the server behind it too.
@Suite(.ownThread) struct ProxyTunnelTests {
    private static let hello = ClientFixture.hello
    private static let established = "HTTP/1.1 200 Connection established\r\n\r\n"

    private static func target(_ port: UInt16, user: String = "", host: String = "api.example.com") -> ClientTarget {
        ClientTarget(
            Origin(host: host, port: 80, isSecure: false), context: nil, proxy: Proxy("http://\(user)127.0.0.1:\(port)")
        )
    }

    @Test(arguments: [
        established, "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ]) func requestsGoThroughTheTunnel(answer: String) async throws {
        let proxy = try ScriptedServer([
            [
                .readRequest, .send(answer), .readRequest, .send(Self.hello), .readRequest, .send(Self.hello),
                .waitForEnd,
            ]
        ])
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(proxy.address.port, user: "u:p@"), shared: shared) { fixture in
            try #expect(await fixture.get("/one") == "hello")
            try #expect(await fixture.get("/two") == "hello")
        }
        #expect(
            proxy.requests.withLock { $0 } == [
                "CONNECT api.example.com:80 HTTP/1.1\r\nhost: api.example.com:80\r\n"
                    + "proxy-authorization: Basic dTpw\r\n\r\n",
                "GET /one HTTP/1.1\r\nhost: x\r\n\r\n", "GET /two HTTP/1.1\r\nhost: x\r\n\r\n",
            ])
    }

    /// The connection that was being opened serves the next request.
    @Test func anInterruptionWhileItIsOpenedEndsTheRequestAlone() async throws {
        let proxy = try ScriptedServer([
            [.readRequest, .pause, .send(Self.established), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(proxy.address.port), shared: shared) { fixture in
            let client = try fixture.clientSocket().client
            let response = fixture.startGet("/interrupted", for: client)
            #expect(await eventually { proxy.requests.withLock { $0.count } == 1 })
            client.interrupt()
            proxy.proceed()
            #expect(await response.value == .failure(.clientGone))
            #expect(fixture.idle == 1)
            try #expect(await fixture.get("/next", for: client) == "hello")
        }
        #expect(proxy.requests.withLock { $0.last } == "GET /next HTTP/1.1\r\nhost: x\r\n\r\n")
    }

    @Test func anIPv6ServerHasBrackets() async throws {
        let proxy = try ScriptedServer([[.readRequest, .send(Self.established), .readRequest, .send(Self.hello)]])
        let shared = SharedClientState(connections: 8)
        let target = Self.target(proxy.address.port, host: "2001:db8::1")
        try await ClientFixture.run(target, shared: shared) { try await $0.get() }
        #expect(
            proxy.requests.withLock { $0.first }
                == "CONNECT [2001:db8::1]:80 HTTP/1.1\r\nhost: [2001:db8::1]:80\r\n\r\n")
    }

    @Test(arguments: [
        (
            [ScriptedServer.Step.send("HTTP/1.1 407 Auth\r\ncontent-length: 2\r\n\r\nno")],
            ProxyFailure.Reason.refused(status: 407)
        ),
        ([.send("HTTP/1.1 403 Forbidden\r\n\r\n")], .refused(status: 403)),
        ([.send("HTTP/1.1 502 Bad Gateway\r\n\r\n")], .refused(status: 502)),
        ([.send("HTTP/1.1 301 Moved\r\nlocation: /\r\n\r\n")], .refused(status: 301)),
        ([.send("HTTP/1.1 101 Switching Protocols\r\n\r\n")], .refused(status: 101)),
        ([.send("SSH-2.0-OpenSSH\r\n")], .malformed), ([.send("HTTP/1.1 200 OK\r\n")], .malformed), ([], .malformed),
        ([.reset], .malformed), ([.send("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")], .malformed),
    ]) func aProxyWithoutATunnelIsAnErrorThatNamesIt(
        steps: [ScriptedServer.Step], reason: ProxyFailure.Reason
    ) async throws {
        let proxy = try ScriptedServer([[.readRequest] + steps])
        let port = proxy.address.port
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(port, user: "u:p@"), shared: shared) { fixture in
            let expected = ClientError.proxy(ProxyFailure(proxy: "http://127.0.0.1:\(port)", reason: reason))
            await #expect(throws: expected) { try await fixture.get() }
            #expect(fixture.open == 0)
        }
    }

    @Test func aSilentProxyTimesOut() async throws {
        let proxy = try ScriptedServer([[.readRequest, .waitForEnd]])
        let port = proxy.address.port
        let clock = ManualTime()
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(port), shared: shared, clock: clock) { fixture in
            let response = fixture.startGet()
            #expect(await eventually { proxy.requests.withLock { $0.count } == 1 })
            await fixture.loop.settle()
            clock.advance(by: .seconds(5))
            let failure = ProxyFailure(proxy: "http://127.0.0.1:\(port)", reason: .timedOut)
            #expect(await response.value == .failure(.proxy(failure)))
            #expect(fixture.open == 0)
        }
    }

    @Test func aProxyThatIsNotThereIsNamed() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = listener.address.port
        _ = consume listener
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(port), shared: shared) { fixture in
            let failure = ProxyFailure(proxy: "http://127.0.0.1:\(port)", reason: .unreachable)
            await #expect(throws: ClientError.proxy(failure)) { try await fixture.get() }
        }
    }

    /// A proxy that cannot reach the server may do so a moment later.
    @Test func aFailureOfTheProxyIsRetriedAndARefusalIsNot() async throws {
        let proxy = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 503 Later\r\n\r\n")],
            [.readRequest, .send(Self.established), .readRequest, .send(Self.hello)],
            [.readRequest, .send("HTTP/1.1 407 Auth\r\n\r\n")],
        ])
        let shared = SharedClientState(connections: 8)
        try await ClientFixture.run(Self.target(proxy.address.port), shared: shared) { fixture in
            try #expect(await fixture.get("/", for: fixture.clientSocket().client) == "hello")
            fixture.client.close()
            await #expect(throws: ClientError.self) { try await fixture.get("/", for: fixture.clientSocket().client) }
        }
        #expect(proxy.acceptedCount == 3)
    }
}
