import Glibc
import Transport

/// A caller that sends exactly the bytes it is told to, and blocks for the answer, ten seconds at most.
package final class RawClient {
    private let descriptor: Int32

    package init(to address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw SystemError("connect", errno) }
    }

    deinit { close(descriptor) }

    package func send(_ text: String) { send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What comes next, up to `limit` bytes; empty at the end of the connection; nil after a reset or ten seconds.
    package func receive(_ limit: Int = 65536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count < 0 ? nil : Array(buffer[..<count])
    }

    /// Everything up to and including `end`.
    package func receive(through end: String) -> String {
        var text = ""
        while !text.hasSuffix(end), let bytes = receive(1), !bytes.isEmpty {
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    /// `count` bytes, or fewer where the connection ends first.
    package func receive(count: Int) -> String {
        var all: [UInt8] = []
        while all.count < count, let bytes = receive(count - all.count), !bytes.isEmpty { all += bytes }
        return String(decoding: all, as: UTF8.self)
    }

    /// Everything until the connection ends, and whether it ended with a reset (or not at all within ten seconds).
    package func receiveRest() -> (text: String, isBroken: Bool) {
        var all: [UInt8] = []
        while let bytes = receive() {
            if bytes.isEmpty { return (String(decoding: all, as: UTF8.self), false) }
            all += bytes
        }
        return (String(decoding: all, as: UTF8.self), true)
    }

    /// Everything until the connection ends; nil where it ends with a reset.
    package func receiveAll() -> String? {
        let (text, isBroken) = receiveRest()
        return isBroken ? nil : text
    }

    /// Resets the connection.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
