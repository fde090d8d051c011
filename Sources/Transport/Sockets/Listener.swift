import CLinux
import Glibc

/// A bound, listening descriptor that is in no loop yet. Everything about it that can fail has succeeded.
package struct Listener: ~Copyable, Sendable {
    /// The address with its port. The system has chosen the port if 0 was given.
    package let address: SocketAddress
    let descriptor: OwnedDescriptor

    /// Binds `address` and listens. An IPv6 listener accepts IPv6 only.
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

    /// Takes over a listening socket that another process has bound, as systemd or the gateway before this one.
    ///
    /// - Throws: `EINVAL` for anything but a TCP socket that listens. The descriptor is closed then.
    package init(inheriting descriptor: consuming OwnedDescriptor) throws(SystemError) {
        let number = descriptor.number
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 else {
            throw SystemError("getsockopt", errno)
        }
        guard isListening != 0, let address = SocketAddress(of: number) else { throw SystemError("inherit", EINVAL) }
        guard fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) == 0,
            fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else { throw SystemError("fcntl", errno) }
        self.address = address
        self.descriptor = descriptor
    }

    /// A second descriptor of the socket, for a process that takes over. The port stays open as long as either is.
    package func duplicate() throws(SystemError) -> OwnedDescriptor {
        let number = fcntl(descriptor.number, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { throw SystemError("fcntl", errno) }
        return OwnedDescriptor(taking: number)
    }

    /// Registers the descriptor with `loop` as a socket that accepts connections. Call it on the loop.
    package consuming func open(on loop: EventLoop) throws(SystemError) -> Socket {
        try Socket(descriptor, on: loop)
    }
}
