import CLinux
import Glibc

/// The result of one read or write.
package enum Transferred: Sendable, Equatable {
    /// The number of bytes, at least one.
    case bytes(Int)
    /// Nothing now: wait for readiness.
    case wouldBlock
    /// The peer has finished sending: no further read brings bytes.
    case end
    /// The connection is dead; the value of `errno`.
    case failed(Int32)
}

extension Socket {
    /// Reads once into `buffer`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transferred {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
            if count < buffer.count { drained() }
            return .bytes(count)
        }
        return count == 0 ? .end : failure(errno, clearing: .readable)
    }

    /// Writes once: the first bytes of `bytes`, as many as the system takes.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Transferred {
        let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 {
            if count < bytes.count { readiness.remove(.writable) }
            return .bytes(count)
        }
        return failure(errno, clearing: .writable)
    }

    /// Writes `first`, then `second`, with one system call, as many bytes as the system takes.
    package func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Transferred {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
            vectors[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
            vectors[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = 2
            let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                if count < first.count + second.count { readiness.remove(.writable) }
                return .bytes(count)
            }
            return failure(errno, clearing: .writable)
        }
    }

    /// Records that a transfer in `direction` would block, for code that uses the descriptor itself, as TLS does.
    package func wouldBlock(_ direction: Readiness) {
        if direction.contains(.readable) { drained() }
        if direction.contains(.writable) { readiness.remove(.writable) }
    }

    /// Records that there are bytes to read, for code that has taken them from the descriptor without using them.
    package func assumeReadable() { readiness.insert(.readable) }

    /// Records that the descriptor is empty. After the end it stays readable, since the end has no second edge.
    private func drained() {
        if !readiness.contains(.peerFinished) { readiness.remove(.readable) }
    }

    private func failure(_ number: Int32, clearing direction: Readiness) -> Transferred {
        switch number {
        case EAGAIN:
            readiness.remove(direction)
            return .wouldBlock
        case EINTR: return .wouldBlock
        default:
            readiness.formUnion([.broken, .peerFinished])
            return .failed(number)
        }
    }
}
