import Glibc

/// Connected, non-blocking descriptors, closed with the last reference.
///
/// No process that another test starts may inherit them, as an end of a connection comes with the last holder's.
final class TestDescriptors {
    private(set) var first: Int32
    private(set) var second: Int32

    private init(_ first: Int32, _ second: Int32) {
        self.first = first
        self.second = second
        for descriptor in [first, second] {
            precondition(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        }
    }

    deinit {
        closeFirst()
        closeSecond()
    }

    func closeFirst() { Self.end(&first) }
    func closeSecond() { Self.end(&second) }

    /// Closes `first` such that the peer sees a reset.
    func resetFirst() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(first, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(first)
        first = -1
    }

    /// Ends a connection at once: closing alone would leave it to a process that is just being started, until it is.
    private static func end(_ descriptor: inout Int32) {
        guard descriptor >= 0 else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        descriptor = -1
    }

    static func socketPair(bufferSize: Int32? = nil) -> TestDescriptors {
        var descriptors: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &descriptors) == 0)
        if var bufferSize {
            for descriptor in descriptors {
                setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bufferSize, socklen_t(MemoryLayout<Int32>.size))
            }
        }
        return TestDescriptors(descriptors[0], descriptors[1])
    }

    /// `first` connected to `second`, which was accepted, over TCP.
    static func loopback() -> TestDescriptors {
        let listener = TestListener()
        let client = connect(port: listener.port)
        return TestDescriptors(client, listener.accept())
    }

    /// A blocking connection to `port` of this machine.
    static func connect(port: UInt16) -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        precondition(
            withLoopbackAddress(port: port) { Glibc.connect(client, $0, $1) } == 0, "no connection to port \(port)")
        return client
    }

    static func withLoopbackAddress<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result)
        -> Result
    {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

/// Listens on a free port of this machine.
final class TestListener {
    let descriptor: Int32
    let port: UInt16

    init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        precondition(TestDescriptors.withLoopbackAddress(port: 0) { bind(descriptor, $0, $1) } == 0)
        precondition(listen(descriptor, 8) == 0)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        port = UInt16(bigEndian: address.sin_port)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Waits for a connection; the result is blocking.
    func accept() -> Int32 {
        let accepted = Glibc.accept(descriptor, nil, nil)
        precondition(accepted >= 0 && fcntl(accepted, F_SETFD, FD_CLOEXEC) == 0)
        return accepted
    }
}
