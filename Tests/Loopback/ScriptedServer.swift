import Clocks
import Dispatch
import Glibc
import Synchronization
import Transport

/// A server that does exactly what its script says: a list of steps for each connection. Blocking, on threads of its
/// own.
package final class ScriptedServer: Sendable {
    /// An act on a connection.
    package enum Step: Sendable {
        /// Reads a request to its end: the head, and as many bytes of a body as its content-length says.
        case readRequest
        /// Reads so many bytes.
        case read(Int)
        case send(String)
        case sendBytes([UInt8])
        case close
        case reset
        /// Sends nothing until the peer closes.
        case waitForEnd
        /// Reads until the peer closes, and puts what came into `collected`.
        case collect
        /// Waits until the test calls `proceed`.
        case pause
    }

    package let address: SocketAddress
    /// Requests that were read to their end, in order.
    package let requests = Mutex<[String]>([])
    /// The bytes that each `collect` read.
    package let collected = Mailbox<[UInt8]>()
    private let accepted = Atomic<Int>(0)
    /// Signalled for every request that was read to its end.
    private let read = DispatchSemaphore(value: 0)
    /// Signalled for every connection that was closed.
    private let ended = DispatchSemaphore(value: 0)
    private let proceeds = DispatchSemaphore(value: 0)

    /// Connections that were accepted so far.
    package var acceptedCount: Int { accepted.load(ordering: .sequentiallyConsistent) }

    /// - Parameter isConcurrent: true to serve all connections at once; else a connection is accepted after the last
    ///   one was closed.
    package init(_ connections: [[Step]], isConcurrent: Bool = false) throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_addr.s_addr = inet_addr("127.0.0.1")
        _ = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        listen(number, 64)
        address = SocketAddress(of: number)!
        Thread.start { [self] in
            defer { close(number) }
            for steps in connections {
                let connection = accept(number, nil, nil)
                guard connection >= 0 else { return }
                accepted.add(1, ordering: .sequentiallyConsistent)
                if isConcurrent {
                    Thread.start { [self] in serve(steps, on: connection) }
                } else {
                    serve(steps, on: connection)
                }
            }
        }
    }

    private func serve(_ steps: [Step], on connection: Int32) {
        run(steps, on: connection)
        close(connection)
        ended.signal()
    }

    /// Lets a `pause` end.
    package func proceed() { proceeds.signal() }

    /// Waits until one more request was read to its end.
    package func awaitRequest() { _ = read.wait(timeout: .now() + 10) }

    /// Waits until one more connection was closed.
    package func awaitEnd() { _ = ended.wait(timeout: .now() + 10) }

    private func run(_ steps: [Step], on connection: Int32) {
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        for step in steps {
            switch step {
            case .readRequest:
                let request = readRequest(connection)
                requests.withLock { $0.append(request) }
                read.signal()
            case .read(let count): _ = read(count, connection)
            case .send(let text): _ = text.withCString { Glibc.send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            case .sendBytes(let bytes): _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            case .collect: collected.put(readAll(connection))
            case .close: return
            case .reset:
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                return
            case .waitForEnd: while read(1, connection) != "" {}
            case .pause: _ = proceeds.wait(timeout: .now() + 10)
            }
        }
    }

    private func readAll(_ connection: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private func read(_ count: Int, _ connection: Int32) -> String {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(connection, &buffer, buffer.count, 0)
            guard received > 0 else { break }
            bytes += buffer[..<received]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func readRequest(_ connection: Int32) -> String {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let next = read(1, connection)
            if next == "" { return head }
            head += next
        }
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }?.dropFirst(16)
        return head + (length.flatMap { Int($0) }.map { read($0, connection) } ?? "")
    }
}

/// A thread for blocking work, so that no test takes one of the few that tasks run on.
package enum Thread {
    /// Blocks the calling thread.
    package static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

    package static func start(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        pthread_detach(thread)
    }
}
