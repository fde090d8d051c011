import Clocks
import Glibc
import Transport

/// A server that answers one request with bytes that need not be text.
package final class BytesUpstream: Sendable {
    package let address: SocketAddress

    package init(_ answer: [UInt8]) throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        let loop = try EventLoop(name: "bytes-upstream")
        let box = ListenerBox(listener)
        loop.spawn {
            guard let listening = box.open(on: loop) else { return }
            defer { listening.close() }
            _ = await listening.wait(for: .readable, until: .now + .seconds(10))
            guard case .connection(let descriptor) = listening.accept(),
                let socket = try? Socket(descriptor, on: loop, assuming: .writable)
            else { return }
            defer { socket.close() }
            _ = await socket.wait(for: .readable, until: .now + .seconds(10))
            _ = socket.read(into: loop.readBuffer)
            _ = answer.withUnsafeBytes { socket.write($0) }
            _ = await socket.wait(for: .peerFinished, until: .now + .seconds(10))
        }
    }

    /// Hands a listener over to a task. Taken once, on the loop: that is what makes it sound.
    private final class ListenerBox: @unchecked Sendable {
        private var listener: Listener?

        init(_ listener: consuming Listener) { self.listener = consume listener }

        func open(on loop: EventLoop) -> Socket? {
            guard let listener = listener.take() else { return nil }
            return try? listener.open(on: loop)
        }
    }
}
