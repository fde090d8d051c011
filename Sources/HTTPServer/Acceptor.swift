import Synchronization
import Transport

/// One listener of a server: waiting to be opened on its loop, then accepting, then stopped.
///
/// - Soundness of `@unchecked Sendable`: `socket` and `isStopped` are used on the accepting loop alone.
package final class Acceptor: @unchecked Sendable {
    private let listener: Handoff<Listener>
    private let context: Mutex<TLSContext?>
    private var socket: Socket?
    /// True once no connection is to be accepted. The accepting task looks at it before each attempt: an interruption alone is
    /// lost where the task was just woken.
    private(set) var isStopped = false

    init(_ listener: consuming Listener, tls: TLSContext?) {
        self.listener = Handoff(listener)
        context = Mutex(tls)
    }

    /// The certificate of connections that come from now on; nil for plain HTTP.
    package var tls: TLSContext? {
        get { context.withLock { $0 } }
        set { context.withLock { $0 = newValue } }
    }

    /// Returns the listening socket; nil where it was stopped before. Throws if the loop cannot watch it.
    func open(on loop: EventLoop) throws(SystemError) -> Socket? {
        guard let listener = listener.take() else { return nil }
        socket = try listener.open(on: loop)
        return socket
    }

    /// Interrupts the accepting task. A listener that was never opened is closed.
    func stop() {
        isStopped = true
        _ = listener.take()
        socket?.interrupt()
    }

    /// The accepting task has closed the socket.
    func socketClosed() { socket = nil }
}
