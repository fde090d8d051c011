import Transport

/// A listener until it is opened on its loop, then the listening socket.
///
/// - Soundness of `@unchecked Sendable`: `socket` is used on the accepting loop alone.
final class Acceptor: @unchecked Sendable {
    private let listener: Handoff<Listener>
    private var socket: Socket?

    init(_ listener: consuming Listener) { self.listener = Handoff(listener) }

    /// Returns the listening socket; nil where it was stopped before. Throws if the loop cannot watch it.
    func open(on loop: EventLoop) throws(SystemError) -> Socket? {
        guard let listener = listener.take() else { return nil }
        socket = try listener.open(on: loop)
        return socket
    }

    /// Interrupts the accepting task. A listener that was never opened is closed.
    func stop() {
        _ = listener.take()
        socket?.interrupt()
    }

    /// The accepting task has closed the socket.
    func socketClosed() { socket = nil }
}
