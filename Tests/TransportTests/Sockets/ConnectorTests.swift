import Clocks
import Glibc
import Testing

@testable import Transport

@Suite struct ConnectorTests {
    @Test func aRefusedAddressLetsTheNextOneTry() async throws {
        try await onLoop { loop in
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
            let good = listener.address
            let listening = try listener.open(on: loop)
            defer { listening.close() }
            let socket = try await Connector.connect(to: [try closedPort(), good], on: loop, until: .now + .seconds(5))
            socket.close()
        }
    }

    @Test func aSilentAddressIsOvertaken() async throws {
        try await onLoop { loop in
            // A listener whose queue is full answers no further SYN: silence on loopback.
            let silent = try Listener(SocketAddress("127.0.0.2", port: 0)!)
            let silentAddress = silent.address
            let silentSocket = try silent.open(on: loop)
            defer { silentSocket.close() }
            listen(silentSocket.descriptor, 0)
            var fillers: [Socket] = []
            defer { for filler in fillers { filler.close() } }
            while fillers.count < 8,
                let filler = try? await Connector.connect(
                    to: [silentAddress], on: loop, until: .now + .milliseconds(50))
            {
                fillers.append(filler)
            }
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
            let good = listener.address
            let listening = try listener.open(on: loop)
            defer { listening.close() }
            let socket = try await Connector.connect(to: [silentAddress, good], on: loop, until: .now + .seconds(10))
            #expect(try #require(peer(of: socket)) == good)
            socket.close()
            await #expect(throws: ConnectError.timedOut) {
                try await Connector.connect(to: [silentAddress], on: loop, until: .now + .milliseconds(50)).close()
            }
        }
    }

    @Test func aRefusalIsSaid() async throws {
        try await onLoop { loop in
            let closed = try closedPort()
            await #expect(throws: ConnectError.refused(SystemError("connect", ECONNREFUSED))) {
                try await Connector.connect(to: [closed], on: loop, until: .now + .seconds(5)).close()
            }
        }
    }

    @Test func namesAreResolvedOffTheLoop() async throws {
        try await onLoop { loop in
            let addresses = try await Resolver.addresses(of: "localhost", port: 80, on: loop, until: .now + .seconds(5))
            #expect(addresses.contains(SocketAddress("127.0.0.1", port: 80)!))
            await #expect(throws: ConnectError.self) {
                try await Resolver.addresses(of: "no such host.invalid", port: 80, on: loop, until: .now + .seconds(5))
            }
        }
    }

    @Test func theFamiliesTakeTurns() {
        let six = (1...3).map { SocketAddress("::\($0)", port: 1)! }
        let four = (1...2).map { SocketAddress("10.0.0.\($0)", port: 1)! }
        #expect(Resolver.interleaved(six + four) == [six[0], four[0], six[1], four[1], six[2]])
        #expect(Resolver.interleaved(four + six) == [four[0], six[0], four[1], six[1], six[2]])
    }

    private func closedPort() throws -> SocketAddress {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        return listener.address
    }

    private func peer(of socket: Socket) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(socket.descriptor, $0, &length) == 0 ? SocketAddress($0) : nil
            }
        }
    }
}
