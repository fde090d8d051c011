import Clocks
import Loopback
import Testing
import Transport

@testable import HTTPClient

/// A client of a scripted server. Used on its loop alone, by the test and the tasks that it starts.
final class ClientFixture: @unchecked Sendable {
    let client: HTTPClient
    let loop: EventLoop
    private var sockets: [(client: Socket, peer: Socket)] = []

    static let hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
    static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

    /// Runs `body` on the client's loop, with a client of `server` that may have `connections`.
    static func run(
        _ server: ScriptedServer, limits: ClientLimits = ClientLimits(), connections: Int = 256,
        clock: any TimeSource = .system, _ body: @escaping @Sendable (ClientFixture) async throws -> Void
    ) async throws {
        try await run(port: server.address.port, limits: limits, connections: connections, clock: clock, body)
    }

    static func run(
        port: UInt16, limits: ClientLimits = ClientLimits(), connections: Int = 256,
        clock: any TimeSource = .system, _ body: @escaping @Sendable (ClientFixture) async throws -> Void
    ) async throws {
        let target = ClientTarget(Origin(host: "127.0.0.1", port: port, isSecure: false), context: nil)
        let shared = SharedClientState(connections: connections)
        try await run(target, limits: limits, shared: shared, clock: clock, body)
    }

    static func run(
        _ target: ClientTarget, limits: ClientLimits = ClientLimits(), shared: SharedClientState,
        clock: any TimeSource = .system, _ body: @escaping @Sendable (ClientFixture) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "client", clock: clock)
        try await Task(executorPreference: loop) {
            let fixture = ClientFixture(target, limits: limits, shared: shared, on: loop)
            defer { fixture.close() }
            try await body(fixture)
        }.value
    }

    private init(_ target: ClientTarget, limits: ClientLimits, shared: SharedClientState, on loop: EventLoop) {
        self.loop = loop
        client = HTTPClient(target, limits: limits, shared: shared, on: loop)
    }

    private func close() {
        client.close()
        for pair in sockets {
            pair.client.close()
            pair.peer.close()
        }
    }

    /// Connections that are open or being opened.
    var open: Int { client.gauges.open.load(ordering: .relaxed) }
    /// Connections without an exchange.
    var idle: Int { client.gauges.idle.load(ordering: .relaxed) }

    /// A socket of a client that requests can be sent for, and its peer.
    func clientSocket() throws -> (client: Socket, peer: Socket) {
        let pair = try socketPair(on: loop)
        sockets.append((pair.0, pair.1))
        return pair
    }

    /// Sends GET for `path` and returns the body.
    @discardableResult
    func get(_ path: String = "/", for client: Socket? = nil) async throws -> String {
        try await text(of: self.client.send(.get(path, for: client)))
    }

    /// Sends POST, which is not idempotent, and returns the body.
    @discardableResult
    func post() async throws -> String {
        let head = Array("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n".utf8)
        return try await text(
            of: client.send(ClientRequest(head: head, body: .bytes(Array("hi".utf8)), isIdempotent: false)))
    }

    func text(of exchange: ClientExchange) async throws -> String {
        defer { exchange.end() }
        return String(decoding: try await exchange.wholeBody(limit: 1 << 20), as: UTF8.self)
    }

    /// Starts a GET in a task of its own, on the loop.
    func startGet(
        _ path: String = "/", for client: Socket? = nil, probe: (any ClientProbe)? = nil
    ) -> Task<Result<String, ClientError>, Never> {
        nonisolated(unsafe) let (client, probe) = (client, probe)  // all tasks run on the loop
        return Task(executorPreference: loop) { [self] in
            do throws(ClientError) {
                let exchange = try await self.client.send(.get(path, for: client, probe: probe))
                defer { exchange.end() }
                return .success(String(decoding: try await exchange.wholeBody(limit: 1 << 20), as: UTF8.self))
            } catch { return .failure(error) }
        }
    }
}

extension ClientRequest {
    static func get(_ path: String = "/", for client: Socket? = nil, probe: (any ClientProbe)? = nil) -> ClientRequest {
        ClientRequest(
            head: Array("GET \(path) HTTP/1.1\r\nhost: x\r\n\r\n".utf8), body: .none, isIdempotent: true,
            clientSocket: client, probe: probe)
    }
}

/// Counts the probes of a client, and writes to it in each.
final class CountingProbe: ClientProbe {
    private(set) var count = 0
    private let client: Socket

    init(of client: Socket) { self.client = client }

    func probeClient() {
        count += 1
        _ = [UInt8](repeating: 0, count: 1).withUnsafeBytes { client.write($0) }
    }
}

/// Records the pieces of a body, and acts after each read.
final class RecordingSink: ResponseBodySink {
    private(set) var pieces: [String] = []
    private let act: ([String]) -> Bool

    init(_ act: @escaping ([String]) -> Bool = { _ in true }) { self.act = act }

    func receive(_ piece: Span<UInt8>) {
        pieces.append(piece.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }

    func shouldContinue() -> Bool { act(pieces) }
}

/// A stored body of `length` bytes, which may fail or end early.
final class PatternBody: StoredBody {
    let length: Int
    private let available: Int
    private let failure: SystemError?

    init(length: Int, available: Int? = nil, failure: SystemError? = nil) {
        self.length = length
        self.available = available ?? length
        self.failure = failure
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        if let failure { throw failure }
        let count = max(0, min(buffer.count, available - offset))
        for index in 0..<count { buffer[index] = UInt8(ascii: "a") + UInt8((offset + index) % 26) }
        return count
    }

    static func text(_ length: Int) -> String {
        String(decoding: (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
    }
}
