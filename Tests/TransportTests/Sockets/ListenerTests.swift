import Clocks
import Glibc
import Loopback
import Testing

@testable import Transport

@Suite struct ListenerTests {
    @Test func portZeroLetsTheSystemChoose() throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        #expect(listener.address.port != 0)
        #expect(listener.address == SocketAddress("127.0.0.1", port: listener.address.port))
    }

    @Test func aPortInUseIsReportedWithTheAddress() throws {
        let first = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = first.address
        #expect(throws: SystemError("bind \(address)", EADDRINUSE)) { _ = try Listener(address) }
        withExtendedLifetime(first) {}
    }

    @Test func aForeignAddressIsReported() {
        let address = SocketAddress("203.0.113.1", port: 0)!
        #expect(throws: SystemError("bind 203.0.113.1:0", EADDRNOTAVAIL)) { _ = try Listener(address) }
    }

    @Test func aPortIsFreeAgainAfterTheListenerEnds() throws {
        let address: SocketAddress
        do {
            let first = try Listener(SocketAddress("127.0.0.1", port: 0)!)
            address = first.address
        }
        let second = try Listener(address)
        #expect(second.address == address)
    }

    /// As systemd hands over: blocking, and open in every program that is run.
    @Test func anInheritedSocketIsMadeFitForLoops() throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let copy = try listener.duplicate().release()
        #expect(fcntl(copy, F_SETFL, 0) == 0)
        #expect(fcntl(copy, F_SETFD, 0) == 0)
        let inherited = try Listener(inheriting: OwnedDescriptor(taking: copy))
        #expect(inherited.address == listener.address)
        #expect(fcntl(copy, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(copy, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func onlyListeningSocketsCanBeInherited() {
        let unbound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let local = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let file = open("/dev/null", O_RDONLY)
        for (place, low) in [unbound, local, file].enumerated() {
            // A high number: a test beside this one would get a low one again at once.
            let number = fcntl(low, F_DUPFD_CLOEXEC, CInt(900 + place))
            close(low)
            #expect(throws: SystemError.self) { _ = try Listener(inheriting: OwnedDescriptor(taking: number)) }
            #expect(fcntl(number, F_GETFD) == -1)
        }
    }

    @Test func connectionsAreAcceptedInTheirOrderUntilNoneWaits() async throws {
        try await onLoop { loop in
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
            let address = listener.address
            let listening = try listener.open(on: loop)
            defer { listening.close() }
            var clients: [Socket] = []
            defer { for client in clients { client.close() } }
            for number in 0..<3 {
                let client = try await Connector.connect(to: [address], on: loop, until: loop.now + .seconds(10)).socket
                clients.append(client)
                _ = client.writeText("\(number)")
            }
            #expect(await listening.wait(for: .readable, until: loop.now + .seconds(10)) == .ready)
            for number in 0..<3 {
                guard case .connection(let descriptor) = listening.accept() else {
                    Issue.record("connection \(number) is missing")
                    return
                }
                let socket = try Socket(descriptor, on: loop)
                defer { socket.close() }
                _ = await socket.wait(for: .readable, until: loop.now + .seconds(10))
                #expect(socket.readText() == "\(number)")
            }
            guard case .none = listening.accept() else {
                Issue.record("there were three connections")
                return
            }
            #expect(!listening.isReady(for: .readable))
        }
    }

    @Test func nagleIsOffOnBothSides() async throws {
        try await onLoop { loop in
            let (client, server) = try await tcpPair(on: loop)
            defer { client.close(); server.close() }
            #expect(client.sendsAtOnce)
            #expect(server.sendsAtOnce)
        }
    }
}

extension Socket {
    /// True when Nagle's algorithm is off.
    fileprivate var sendsAtOnce: Bool {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &number, &length)
        return number != 0
    }
}
