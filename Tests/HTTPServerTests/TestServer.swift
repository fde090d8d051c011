import Clocks
import Loopback
import Transport

@testable import HTTPServer

/// A server on loops of its own.
struct TestServer<Handler: RequestHandler> {
    let server: HTTPServer
    let address: SocketAddress
    let handler: Handler
    private let start: Start

    /// A listener until the server begins to accept.
    private final class Start {
        var listener: Listener?

        init(_ listener: consuming Listener) { self.listener = consume listener }
    }

    /// Loops of the server; the first one accepts.
    let loops: [EventLoop]

    /// - Parameters:
    ///   - clock: the clock of the loops, which a test may step.
    ///   - serves: false to let clients connect and send before the server begins to accept, with `serve`.
    init(
        _ handler: Handler, limits: ServerLimits = ServerLimits(), loops count: Int = 2,
        clock: any TimeSource = .system, serves: Bool = true
    ) throws {
        loops = try (0..<count).map { try EventLoop(name: "server-\($0)", clock: clock) }
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        start = Start(listener)
        self.handler = handler
        server = HTTPServer(loops: loops, limits: limits, handler: handler)
        if serves { serve() }
    }

    func serve() {
        guard let listener = start.listener.take() else { return }
        server.serve(listener)
    }

    func client() throws -> RawClient { try RawClient(to: address) }
}

extension TestServer where Handler == EchoHandler {
    init(
        limits: ServerLimits = ServerLimits(), loops count: Int = 2, clock: any TimeSource = .system,
        serves: Bool = true
    ) throws {
        try self.init(EchoHandler(), limits: limits, loops: count, clock: clock, serves: serves)
    }
}
