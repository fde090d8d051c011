import Glibc
import Transport

/// Runs steps of sessions to their end, waiting for the descriptor as each step asks.
enum Steps {
    struct Stalled: Error {}

    /// Repeats `step` on a session over `descriptor` until it neither wants to read nor to write.
    static func complete(on descriptor: Int32, _ step: () throws -> TLSStep) throws -> TLSStep {
        while true {
            switch try step() {
            case .wantsRead: try wait(descriptor, for: POLLIN)
            case .wantsWrite: try wait(descriptor, for: POLLOUT)
            case let finished: return finished
            }
        }
    }

    static func wait(_ descriptor: Int32, for events: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&entry, 1, 20_000) == 1 else { throw Stalled() }
    }

    /// Reads all that comes on `session` until `count` bytes are there, or the end.
    static func read(_ count: Int, from session: TLSSession, on descriptor: Int32) throws -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 20_000)
        while received.count < count {
            let step = try buffer.withUnsafeMutableBytes { buffer in
                try complete(on: descriptor) { try session.read(into: buffer) }
            }
            guard case .done(let length) = step else { break }
            received += buffer[..<length]
        }
        return received
    }

    static func write(_ bytes: [UInt8], to session: TLSSession, on descriptor: Int32) throws {
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                guard case .done(let count) = try complete(on: descriptor, { try session.write(rest) }) else {
                    throw Stalled()
                }
                sent += count
            }
        }
    }
}

/// A client and a server session connected to each other, both moved by the test's own thread.
final class TestPeers {
    let descriptors: TestDescriptors
    let client: TLSSession
    let server: TLSSession

    init(
        client clientContext: TLSContext, server serverContext: TLSContext, name: String = "gateway.test",
        over descriptors: TestDescriptors = .socketPair()
    ) {
        self.descriptors = descriptors
        client = TLSSession(clientContext, descriptor: descriptors.first, serverName: name)
        server = TLSSession(serverContext, descriptor: descriptors.second, serverName: nil)
    }

    /// How each end's handshake came out.
    struct Outcome {
        var client: Result<TLSStep, TLSError>
        var server: Result<TLSStep, TLSError>
    }

    /// Lets both ends shake hands until each has finished or failed. `between` moves what lies between them, if
    /// anything does.
    func handshake(between: () -> Void = {}) throws -> Outcome {
        var outcome = Outcome(client: .success(.wantsRead), server: .success(.wantsRead))
        for _ in 0..<100_000 {
            advance(&outcome.client, client)
            between()
            advance(&outcome.server, server)
            between()
            if Self.isFinal(outcome.client), Self.isFinal(outcome.server) { return outcome }
        }
        throw Steps.Stalled()
    }

    /// Shakes hands, and throws where either end fails.
    func connect(between: () -> Void = {}) throws {
        let outcome = try handshake(between: between)
        _ = try outcome.client.get()
        _ = try outcome.server.get()
    }

    private func advance(_ result: inout Result<TLSStep, TLSError>, _ session: TLSSession) {
        if !Self.isFinal(result) { result = Result { () throws(TLSError) in try session.handshake() } }
    }

    private static func isFinal(_ result: Result<TLSStep, TLSError>) -> Bool {
        switch result {
        case .success(.wantsRead), .success(.wantsWrite): false
        default: true
        }
    }
}

extension TLSContext {
    static func testServer(_ name: String = "server", clientCAFile: String? = nil) throws -> TLSContext {
        let files = TestAuthority.shared
        return try server(
            certificateFile: files.certificate(name), keyFile: files.key(name), clientCAFile: clientCAFile)
    }

    static func testClient(caFile: String? = TestAuthority.shared.authority) throws -> TLSContext {
        try client(caFile: caFile)
    }
}

extension Array<UInt8> {
    /// One read of at most `count` bytes, as the step that it was.
    static func readOnce(_ count: Int = 100, from session: TLSSession) throws(TLSError) -> (
        step: TLSStep, bytes: [UInt8]
    ) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        let step = try session.read(into: buffer)
        guard case .done(let length) = step else { return (step, []) }
        return (step, Array(buffer[..<length]))
    }
}
