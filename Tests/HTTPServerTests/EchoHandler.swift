import Clocks
import HTTP1
import Loopback
import Transport

@testable import HTTPServer

/// A handler that responds by path, for tests.
final class EchoHandler: RequestHandler {
    /// Outcomes of exchanges: `done`, or the error that ended them.
    let outcomes = Mailbox<String>()
    /// Paths of exchanges, when they begin.
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
            case "/silent": _ = await exchange.pause(for: .seconds(10))
            case "/pause": outcomes.put("\(await exchange.pause(for: .milliseconds(1)))")
            case "/twice": try await readTwice(exchange)
            case "/upgrade": try await upgrade(exchange)
            case "/length":
                let length = exchange.declaredBodyLength.map { "\($0)" } ?? "unknown"
                let text = "\(exchange.hasBody) \(length)"
                try await exchange.respond(ServerResponse(status: 200, fields: [], body: Array(text.utf8)))
            default:
                try await exchange.respond(
                    ServerResponse(status: 200, fields: [("x-test", "1")], body: Array("ok".utf8)))
            }
            outcomes.put("done")
        } catch { outcomes.put("\(error)") }
    }

    func response(to fault: ServerFault) -> ServerResponse {
        switch fault {
        case .malformed(let error): ServerResponse(status: error.status, fields: [], body: Array(error.code.utf8))
        case .headTimeout: ServerResponse(status: 408, fields: [], body: Array("slow".utf8))
        case .tooManyConnections: ServerResponse(status: 503, fields: [], body: Array("full".utf8))
        }
    }

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

    /// Reads a body until it fails, and once more.
    private func readTwice(_ exchange: ServerExchange) async throws(ExchangeError) {
        do throws(ExchangeError) {
            while try await exchange.readBody({ _ in }) {}
        } catch { outcomes.put("first \(error)") }
        while try await exchange.readBody({ _ in }) {}
    }

    /// Switches protocols and sends back what came with the request, then what comes next.
    private func upgrade(_ exchange: ServerExchange) async throws(ExchangeError) {
        var early: [UInt8] = []
        let stream = try await exchange.switchProtocols { writer in
            writer.field("connection", "upgrade")
            writer.field("upgrade", "echo")
        } early: { bytes in
            bytes.withUnsafeBufferPointer { early.append(contentsOf: $0) }
        }
        do throws(StreamError) {
            try early.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
            guard case .bytes(let count) = try await stream.receive(until: exchange.loop.now + .seconds(10)) else {
                return
            }
            try stream.send(UnsafeRawBufferPointer(rebasing: stream.received[..<count]))
            try await stream.flush(timeout: .seconds(10))
        } catch { throw ExchangeError(error) }
    }
}
