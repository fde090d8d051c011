import HTTP1
import Loopback

@testable import HTTPServer

/// A handler that performs the acts that a request's path names, such as `/start-5/write-5/finish`.
final class ScriptHandler: RequestHandler {
    /// Errors that acts threw.
    let errors = Mailbox<String>()

    func respond(to exchange: ServerExchange) async {
        for act in exchange.head.fields.string(exchange.head.path).split(separator: "/") {
            let parts = act.split(separator: "-")
            let number = parts.count > 1 ? Int(parts[1]) : nil
            do throws(ExchangeError) {
                switch parts[0] {
                // Without a number the length is unknown.
                case "start": exchange.start(status: 200, length: ResponseLength(number)) { _ in }
                case "empty": exchange.start(status: 204, length: .unknown) { _ in }
                case "write": exchange.write([UInt8](repeating: UInt8(ascii: "x"), count: number ?? 0))
                case "push": try exchange.push()
                case "flush": try await exchange.flush()
                case "finish": exchange.finish()
                case "abort": exchange.abort()
                // Ends the wait of the next act.
                case "cancel":
                    nonisolated(unsafe) let exchange = exchange  // stays on its loop
                    exchange.loop.execute { exchange.cancel() }
                case "body": while try await exchange.readBody({ _ in }) {}
                case "switch":
                    _ = try await exchange.switchProtocols { _ in
                    } early: { _ in
                    }
                default: break
                }
            } catch { errors.put("\(act): \(error)") }
        }
    }

    func response(to fault: ServerFault) -> ServerResponse { ServerResponse(status: 500, fields: [], body: []) }
}
