import Clocks
import Glibc
import HTTP1
import HTTPServer
import Transport

/// The sandbox on the network: carries out what `SandboxUpstream` plans.
package final class SandboxServer: Sendable {
    /// What answers, with what it billed.
    package let upstream: SandboxUpstream
    private let server: HTTPServer

    /// Where it listens, with the port that the system chose where 0 was asked for.
    package let address: SocketAddress

    /// A sandbox that listens on `address` and is served by `loops`, at once and until `drain`.
    ///
    /// - Throws: what the system says where the address cannot be had.
    package init(
        listening address: SocketAddress, on loops: [EventLoop], options: SandboxOptions = .live
    ) throws(SystemError) {
        let listener = try Listener(address)
        self.address = listener.address
        upstream = SandboxUpstream(options: options)
        var limits = ServerLimits()
        limits.connections = 65_536
        // A pool of idle connections must not be closed under the gateway that is tried or measured.
        limits.idleTimeout = .seconds(600)
        server = HTTPServer(loops: loops, limits: limits, handler: SandboxHandler(upstream: upstream))
        server.serve(consume listener)
    }

    /// Takes no new connection; answers under way are finished.
    package func drain() { server.drain() }

    /// Cuts all that is under way: stalled answers, too, end with this alone.
    package func abort() { server.abort() }

    /// How many connections are open.
    package var connectionCount: Int { server.connectionCount.load(ordering: .relaxed) }
}

/// One exchange after the other: reads the body, asks for the plan, follows it.
private final class SandboxHandler: RequestHandler {
    private let upstream: SandboxUpstream
    /// Bytes that are written before they are sent, where no pause asks for it sooner.
    private static let writeSize = 64 * 1024

    init(upstream: SandboxUpstream) { self.upstream = upstream }

    func respond(to exchange: ServerExchange) async {
        do throws(ExchangeError) {
            guard let body = try await readBody(of: exchange) else { return try await exchange.respond(tooLarge) }
            let answer = upstream.answer(to: SandboxRequest(exchange.head, body: body))
            guard try await run(answer.beforeHead, of: exchange) else { return }
            switch answer.body {
            case .bytes(let bytes):
                start(answer, on: exchange)
                exchange.write(bytes)
            case .paced(let steps):
                start(answer, on: exchange)
                guard try await run(steps, of: exchange) else { return }
            case .webSocket: return try await echo(answer, on: exchange)
            }
            exchange.finish()
            try await exchange.flush()
        } catch { return }
    }

    func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error):
            Self.answer(
                SandboxRefusal(
                    status: error.status, type: "invalid_request_error", code: error.code, message: error.message))
        case .headTimeout:
            Self.answer(
                SandboxRefusal(status: 408, type: "invalid_request_error", message: "The request came too slowly"))
        case .tooManyConnections: Self.answer(.asked(503))
        }
    }

    /// The whole body; nil where it is larger than the sandbox keeps.
    private func readBody(of exchange: ServerExchange) async throws(ExchangeError) -> [UInt8]? {
        let limit = upstream.options.bodyBytes
        var body: [UInt8] = []
        if let length = exchange.declaredBodyLength {
            guard length <= UInt64(limit) else { return nil }
            body.reserveCapacity(Int(length))
        }
        var isTooLarge = false
        while !isTooLarge,
            try await exchange.readBody({ piece in
                isTooLarge = body.count + piece.count > limit
                if !isTooLarge { piece.withUnsafeBufferPointer { body.append(contentsOf: $0) } }
            })
        {}
        return isTooLarge ? nil : body
    }

    private var tooLarge: ServerResponse {
        Self.answer(
            SandboxRefusal(
                status: 413, type: "invalid_request_error", code: "request_too_large",
                message: "The sandbox takes bodies of at most \(upstream.options.bodyBytes) bytes"))
    }

    private static func answer(_ refusal: SandboxRefusal) -> ServerResponse {
        var json = JSONOutput()
        refusal.appendObject(to: &json)
        return ServerResponse(status: refusal.status, fields: [("content-type", "application/json")], body: json.bytes)
    }

    private func start(_ answer: SandboxAnswer, on exchange: ServerExchange) {
        exchange.start(status: answer.status, length: ResponseLength(answer.declaredLength)) { writer in
            for header in answer.headers { writer.field(header.name, header.value) }
        }
    }

    // MARK: WebSocket

    /// Agrees to the other protocol, then says back what is told until either side closes.
    private func echo(_ answer: SandboxAnswer, on exchange: ServerExchange) async throws(ExchangeError) {
        var echo = WebSocketEcho()
        let stream = try await exchange.switchProtocols { writer in
            for header in answer.headers { writer.field(header.name, header.value) }
        } early: {
            $0.withUnsafeBufferPointer { echo.take($0) }
        }
        do {
            while true {
                let output = echo.takeOutput()
                try output.withUnsafeBytes { try stream.send($0) }
                try await stream.flush(timeout: .seconds(60))
                guard !echo.isOver, case .bytes(let count) = try await stream.receive(until: .now + .seconds(600))
                else {
                    return stream.finishSending()
                }
                echo.take(stream.received.prefix(count))
            }
        } catch { return }
    }

    // MARK: Steps

    /// Follows `steps` to their end.
    ///
    /// - Returns: false where the answer has been broken off.
    private func run(
        _ steps: some Sequence<SandboxAnswer.Step>, of exchange: ServerExchange
    ) async throws(ExchangeError) -> Bool {
        var written = 0
        for step in steps {
            switch step {
            case .bytes(let bytes):
                exchange.write(bytes)
                written += bytes.count
                guard written >= Self.writeSize else { continue }
                try await exchange.flush()
                written = 0
            case .pause(let duration):
                if exchange.hasStarted { try await exchange.flush() }
                written = 0
                guard await pause(duration, exchange) else { return false }
            case .stall:
                if exchange.hasStarted { try await exchange.flush() }
                while !exchange.isConnectionAborted, await exchange.pause(for: .seconds(3600)) {}
                exchange.abort()
                return false
            case .cut:
                exchange.abort()
                return false
            case .reset:
                try await exchange.flush()
                Self.reset(exchange.clientSocket)
                exchange.abort()
                return false
            }
        }
        return true
    }

    /// A caller that has closed its sending half may still be listening, so only a broken connection ends a pause.
    private func pause(_ duration: Duration, _ exchange: ServerExchange) async -> Bool {
        let wake = await exchange.clientSocket.wait(for: .broken, until: .now + duration)
        if wake == .timedOut { return true }
        exchange.abort()
        return false
    }

    /// Has the system send a reset while the socket stays its owner's: dissolving the association of a TCP socket that is
    /// connected does that on Linux (`connect(2)`, `AF_UNSPEC`).
    private static func reset(_ socket: Socket) {
        var nobody = sockaddr()
        nobody.sa_family = sa_family_t(AF_UNSPEC)
        _ = connect(socket.descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    }
}
