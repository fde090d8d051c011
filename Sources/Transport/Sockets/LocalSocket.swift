import CLinux
import Glibc
import Synchronization

/// A Unix socket between two processes of this machine, which block for each other. Messages are lines; one may carry descriptors.
///
/// Not for loops: every call waits for the other process, at most for the timeout.
package final class LocalSocket: Sendable {
    /// The most bytes of a line.
    private static let lineLimit = 1 << 20

    private let descriptor: Int32
    /// Bytes after the last line, and descriptors that came with them.
    private let input = Mutex(Input())

    private struct Input {
        var bytes: [UInt8] = []
        var descriptors: [Int32] = []
    }

    /// Takes the descriptor of a connected Unix socket.
    ///
    /// - Parameter timeout: The time that one call may wait for the other process.
    package init(_ descriptor: consuming OwnedDescriptor, timeout: Duration) {
        self.descriptor = descriptor.release()
        waitAtMost(timeout)
    }

    deinit {
        for number in input.withLock({ $0.descriptors }) { close(number) }
        close(descriptor)
    }

    /// Changes the time that one call may wait; `.zero` waits for ever.
    package func waitAtMost(_ timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Ends both directions: a call that waits returns.
    package func shutdown() { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The user of the other process, as it was when it connected; nil where the system does not say.
    package var peerUser: UInt32? { UInt32(exactly: CLinux_peerUser(descriptor)) }

    /// Sends `line`, which has no line end of its own, with `descriptors`, which stay open here.
    package func send(_ line: [UInt8], descriptors: [Int32] = []) throws(SystemError) {
        let bytes = line + [UInt8(ascii: "\n")]
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                // Descriptors travel with the first byte.
                CLinux_sendDescriptors(
                    descriptor, bytes.baseAddress! + sent, bytes.count - sent, descriptors,
                    sent == 0 ? Int32(descriptors.count) : 0)
            }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                throw SystemError("sendmsg", errno)
            }
        }
    }

    /// Receives the next line, without its end, and the descriptors that came with it. Returns nil at the end.
    ///
    /// One task at a time calls it.
    package func receive() throws(SystemError) -> (line: [UInt8], descriptors: [Int32])? {
        while true {
            if let message = nextMessage() { return message }
            guard input.withLock({ $0.bytes.count }) < Self.lineLimit else { throw SystemError("recvmsg", EMSGSIZE) }
            guard try receiveMore() else { return nil }
        }
    }

    private func nextMessage() -> (line: [UInt8], descriptors: [Int32])? {
        input.withLock { input in
            guard let end = input.bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer {
                input.bytes.removeFirst(end + 1)
                input.descriptors = []
            }
            return (Array(input.bytes[..<end]), input.descriptors)
        }
    }

    /// Waits for more bytes. Returns false at the end.
    private func receiveMore() throws(SystemError) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var descriptors = [Int32](repeating: -1, count: Int(CLINUX_MOST_DESCRIPTORS))
        var descriptorCount: Int32 = 0
        let count = CLinux_receiveDescriptors(descriptor, &bytes, bytes.count, &descriptors, &descriptorCount)
        guard count >= 0 else {
            let code = errno
            if code == EINTR { return true }
            throw SystemError("recvmsg", code)
        }
        input.withLock { input in
            input.bytes += bytes.prefix(count)
            input.descriptors += descriptors.prefix(Int(descriptorCount))
        }
        return count > 0
    }
}
