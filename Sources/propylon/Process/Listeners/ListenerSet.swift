import HTTPServer
import Logging
import Settings
import Synchronization
import Transport

/// A listener that accepts connections.
struct RunningListener: Sendable {
    let address: ListenAddress
    let socket: BoundSocket
    let acceptor: Acceptor
}

/// The listeners of one server while it runs.
final class ListenerSet: Sendable {
    private let server: HTTPServer
    private let listeners = Mutex<[RunningListener]>([])

    private let log: Logger

    init(_ server: HTTPServer, log: Logger) {
        self.server = server
        self.log = log
    }

    /// The listeners now.
    var running: [RunningListener] { listeners.withLock { $0 } }

    /// Serves the listeners of `plan` alone. Connections keep the certificate with which they began; those of a listener that
    /// is not in the plan drain.
    ///
    /// - Returns: the addresses whose certificate is another one now.
    @discardableResult
    func apply(_ plan: ListenerPlan) -> [String] {
        let old = running
        var renewed: [String] = []
        let new = plan.items.compactMap { item -> RunningListener? in
            if let acceptor = item.acceptor {
                if acceptor.tls?.certificates != item.tls?.certificates { renewed.append(item.address.text) }
                acceptor.tls = item.tls
                return RunningListener(address: item.address, socket: item.socket, acceptor: acceptor)
            }
            guard let listener = item.socket.take() else { return nil }
            return RunningListener(
                address: item.address, socket: item.socket, acceptor: serve(listener, item.address.text, tls: item.tls))
        }
        listeners.withLock { $0 = new }
        for listener in old where !new.contains(where: { $0.acceptor === listener.acceptor }) {
            server.stop(listener.acceptor)
        }
        return renewed
    }

    /// Serves `listener`. One that fails is an error in the log.
    private func serve(_ listener: consuming Listener, _ address: String, tls: TLSContext?) -> Acceptor {
        server.serve(listener, tls: tls) { [log] error in
            log.error(
                "no connections are accepted any more: restart",
                metadata: ["address": "\(address)", "error": "\(error)"])
        }
    }

    /// Gives up the sockets, before the server drains or retires.
    func close() { listeners.withLock { $0 = [] } }
}
