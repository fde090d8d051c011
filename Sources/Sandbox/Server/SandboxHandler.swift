import Clocks
import Glibc
import HTTP1
import HTTPServer
import Transport

/// Reads a request, plans its response and sends it.
final class SandboxHandler: RequestHandler {
    private let upstream: SandboxUpstream
    /// Bytes that are collected before they are sent, if no pause comes first.
    private static let writeSize = 64 * 1024

    init(upstream: SandboxUpstream) { self.upstream = upstream }

    func respond(to exchange: ServerExchange) async {
        do throws(ExchangeError) {
            guard let body = try await readBody(of: exchange) else { return try await exchange.respond(tooLarge) }
            let response = upstream.respond(to: SandboxRequest(exchange.head, body: body))
            guard try await perform(response.beforeHead, of: exchange) else { return }
            switch response.body {
            case .bytes(let bytes):
                start(response, on: exchange)
                exchange.write(bytes)
            case .paced(let steps):
                start(response, on: exchange)
                guard try await perform(steps, of: exchange) else { return }
            case .webSocket(let socket): return try await echo(response, socket, on: exchange)
            }
            exchange.finish()
            try await exchange.flush()
        } catch { return }
    }

    func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error):
            Self.response(
                SandboxError(
                    status: error.status, type: "invalid_request_error", code: error.code, message: error.message))
        case .headTimeout:
            Self.response(
                SandboxError(status: 408, type: "invalid_request_error", message: "The request came too slowly"))
        case .tooManyConnections: Self.response(.requested(503))
        }
    }

    /// The whole body; nil for one above `bodyBytes`.
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
        Self.response(
            SandboxError(
                status: 413, type: "invalid_request_error", code: "request_too_large",
                message: "The sandbox accepts bodies of at most \(upstream.options.bodyBytes) bytes"))
    }

    private static func response(_ error: SandboxError) -> ServerResponse {
        var json = JSONOutput()
        error.appendObject(to: &json)
        return ServerResponse(status: error.status, fields: [("content-type", "application/json")], body: json.bytes)
    }

    private func start(_ response: SandboxResponse, on exchange: ServerExchange) {
        exchange.start(status: response.status, length: ResponseLength(response.declaredLength)) { writer in
            for header in response.headers { writer.field(header.name, header.value) }
        }
    }

    // MARK: WebSocket

    /// Switches to the WebSocket protocol, then echoes until either side closes.
    private func echo(
        _ response: SandboxResponse, _ socket: SandboxResponse.WebSocket, on exchange: ServerExchange
    ) async throws(ExchangeError) {
        var echo = WebSocketEcho(fault: socket.fault)
        let stream = try await exchange.switchProtocols { writer in
            for header in response.headers { writer.field(header.name, header.value) }
        } early: {
            $0.withUnsafeBufferPointer { echo.receive($0) }
        }
        do {
            while true {
                let output = echo.drainOutput()
                try output.withUnsafeBytes { try stream.send($0) }
                try await stream.flush(timeout: .seconds(60))
                if echo.isOver { return stream.finishSending() }
                switch try await stream.receive(until: .now + (socket.pingInterval ?? .seconds(600))) {
                case .bytes(let count): echo.receive(stream.received.prefix(count))
                case .timedOut where socket.pingInterval != nil: echo.ping()
                case .interrupted: echo.goAway()
                case .end, .timedOut, .other: return stream.finishSending()
                }
            }
        } catch { return }
    }

    // MARK: Steps

    /// Performs `steps`.
    ///
    /// - Returns: false where a fault or the client ended the response.
    private func perform(
        _ steps: some Sequence<SandboxResponse.Step>, of exchange: ServerExchange
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

    /// Waits. A client that has closed its sending half may still read, so only a broken connection ends the pause.
    private func pause(_ duration: Duration, _ exchange: ServerExchange) async -> Bool {
        let wake = await exchange.clientSocket.wait(for: .broken, until: exchange.loop.now + duration)
        if wake == .timedOut { return true }
        exchange.abort()
        return false
    }

    /// Has the system send a reset, without closing the socket of its owner: Linux does so when a connected TCP socket is
    /// connected to `AF_UNSPEC` (`connect(2)`).
    private static func reset(_ socket: Socket) {
        var nobody = sockaddr()
        nobody.sa_family = sa_family_t(AF_UNSPEC)
        _ = connect(socket.descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    }
}
