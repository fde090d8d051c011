import Clocks
import HTTPServer
import Transport

/// The sandbox as a server: `SandboxUpstream` behind an HTTP listener.
package final class SandboxServer: Sendable {
    /// The simulated upstream, with its bill.
    package let upstream: SandboxUpstream
    private let server: HTTPServer

    /// The listener's address, with the port that the system chose for port 0.
    package let address: SocketAddress

    /// Starts a sandbox that listens on `address` until `abort`.
    ///
    /// - Throws: the system's error where it cannot listen on the address.
    package init(
        listening address: SocketAddress, on loops: [EventLoop], options: SandboxOptions = .live
    ) throws(SystemError) {
        let listener = try Listener(address)
        self.address = listener.address
        upstream = SandboxUpstream(options: options)
        var limits = ServerLimits()
        limits.connections = 65_536
        // A gateway under test keeps idle connections longer than the default.
        limits.idleTimeout = .seconds(600)
        server = HTTPServer(loops: loops, limits: limits, handler: SandboxHandler(upstream: upstream))
        server.serve(consume listener)
    }

    /// Cuts all connections. Only this ends stalled responses.
    package func abort() { server.abort() }

    /// Open connections.
    package var connectionCount: Int { server.connectionCount.load(ordering: .relaxed) }
}
