import CLinux
import Glibc

/// A bound, listening descriptor, not in any loop yet: what can fail about it has failed by now.
package struct Listener: ~Copyable, Sendable {
    /// Where it listens, with the port that the system chose where 0 was asked for.
    package let address: SocketAddress
    private let descriptor: OwnedDescriptor

    /// Binds `address` and listens. An IPv6 listener takes IPv6 alone.
    package init(_ address: SocketAddress) throws(SystemError) {
        let number = CLinux_streamSocket(address.systemFamily)
        guard number >= 0 else { throw SystemError("socket", errno) }
        let descriptor = OwnedDescriptor(taking: number)
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        if address.family == .ipv6 {
            setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withPointer({ bind(number, $0, $1) }) == 0 else { throw SystemError("bind \(address)", errno) }
        guard listen(number, SOMAXCONN) == 0 else { throw SystemError("listen \(address)", errno) }
        self.address = SocketAddress(of: number) ?? address
        self.descriptor = descriptor
    }

    /// Gives the descriptor to a socket in `loop`. Must be called on it.
    package consuming func open(on loop: EventLoop) throws(SystemError) -> Socket {
        try Socket(descriptor, on: loop)
    }
}

extension Socket {
    /// What one attempt to accept a connection brought.
    package enum Accepted: ~Copyable {
        /// A connection, with Nagle's algorithm off.
        case connection(OwnedDescriptor)
        /// None is waiting.
        case none
        /// The process or the system is out of descriptors or memory: try again later.
        case exhausted(SystemError)
    }

    /// Accepts one connection, if one is waiting.
    package func accept() -> Accepted {
        while true {
            let number = CLinux_accept(descriptor)
            guard number < 0 else {
                var on: Int32 = 1
                setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                return .connection(OwnedDescriptor(taking: number))
            }
            switch errno {
            case EAGAIN:
                wouldBlock(.readable)
                return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(SystemError("accept", errno))
            default: continue  // the connection died in the queue: the next one
            }
        }
    }
}
