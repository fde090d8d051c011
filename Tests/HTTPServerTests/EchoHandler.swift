import HTTP1
import Loopback
import Transport

@testable import HTTPServer

/// Answers by path, for tests.
final class EchoHandler: RequestHandler {
    /// What exchanges ended with, as far as the handler was told.
    let outcomes = Mailbox<String>()
    /// The paths of exchanges, when they begin.
    let beginnings = Mailbox<String>()

    func respond(to exchange: ServerExchange) async {
        let path = exchange.head.fields.string(exchange.head.path)
        beginnings.put(path)
        do throws(ExchangeError) {
            switch path {
            case "/echo": try await echo(exchange)
            case "/chunks": try await chunks(exchange)
            case "/large": try await large(exchange)
            case "/refuse": try await exchange.respond(ServerResponse(status: 403, fields: [], body: Array("no".utf8)))
            case "/cut": try await cut(exchange)
            case "/short": try await short(exchange)
            case "/silent": _ = await exchange.pause(for: .seconds(10))
            case "/none": break
            default:
                try await exchange.respond(
                    ServerResponse(status: 200, fields: [("x-test", "1")], body: Array("ok".utf8)))
            }
            note("done")
        } catch { note("\(error)") }
    }

    func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error): ServerResponse(status: error.status, fields: [], body: Array(error.code.utf8))
        case .headTimeout: ServerResponse(status: 408, fields: [], body: Array("slow".utf8))
        case .tooManyConnections: ServerResponse(status: 503, fields: [], body: Array("full".utf8))
        }
    }

    private func note(_ outcome: String) { outcomes.put(outcome) }

    private func echo(_ exchange: ServerExchange) async throws(ExchangeError) {
        var body: [UInt8] = []
        while try await exchange.readBody({ piece in piece.withUnsafeBufferPointer { body.append(contentsOf: $0) } }) {}
        try await exchange.respond(ServerResponse(status: 200, fields: [], body: body))
    }

    private func chunks(_ exchange: ServerExchange) async throws(ExchangeError) {
        exchange.start(status: 200, length: .unknown) { $0.field("content-type", "text/plain") }
        for number in 0..<3 {
            exchange.write(Array("piece \(number);".utf8))
            try exchange.push()
        }
        exchange.finish()
        try await exchange.flush()
    }

    private func large(_ exchange: ServerExchange) async throws(ExchangeError) {
        exchange.start(status: 200, length: .exact(64 << 20)) { _ in }
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
        for _ in 0..<1024 {
            exchange.write(block)
            try await exchange.flush()
        }
        exchange.finish()
    }

    private func cut(_ exchange: ServerExchange) async throws(ExchangeError) {
        exchange.start(status: 200, length: .unknown) { _ in }
        exchange.write(Array("half".utf8))
        exchange.abort()
        try await exchange.flush()
    }

    private func short(_ exchange: ServerExchange) async throws(ExchangeError) {
        exchange.start(status: 200, length: .exact(10)) { _ in }
        exchange.write(Array("half".utf8))
        exchange.finish()
        try await exchange.flush()
    }
}

/// A server of an `EchoHandler` on loops of its own.
struct TestServer {
    let server: HTTPServer
    let address: SocketAddress
    let handler = EchoHandler()

    init(limits: ServerLimits = ServerLimits(), loops count: Int = 2) throws {
        let loops = try (0..<count).map { try EventLoop(name: "server-\($0)") }
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        server = HTTPServer(loops: loops, limits: limits, handler: handler)
        server.serve(listener)
    }

    func caller() throws -> RawClient { try RawClient(to: address) }
}
