import Clocks
import Glibc
import Transport

/// A server that answers one request with bytes, which need not be text.
package final class BytesUpstream: Sendable {
    package let address: SocketAddress

    package init(_ answer: [UInt8]) throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        let loop = try EventLoop(name: "bytes-upstream")
        let handoff = Handoff(listener)
        loop.spawn {
            guard let listener = handoff.take(), let listening = try? listener.open(on: loop) else { return }
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
}
