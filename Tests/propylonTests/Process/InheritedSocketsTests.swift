import Glibc
import Settings
import Testing
import Transport

@testable import propylon

@Suite struct InheritedSocketsTests {
    @Test(arguments: [
        ("7", "2", 3..<5), ("7", "1", 3..<4), ("8", "2", 3..<3), ("7", "0", 3..<3), ("7", "-1", 3..<3),
        ("7", "99999999999", 3..<3), ("7", "2147483647", 3..<3), ("", "1", 3..<3), ("x", "1", 3..<3), ("7", "x", 3..<3),
    ])
    func descriptorsAreThoseOfThisProcess(process: String, count: String, expected: Range<Int32>) {
        #expect(InheritedSockets.descriptors(process: process, count: count, of: 7) == expected)
    }

    @Test func withoutVariablesThereIsNone() {
        #expect(InheritedSockets.descriptors(process: nil, count: "1", of: 7).isEmpty)
        #expect(InheritedSockets.descriptors(process: "7", count: nil, of: 7).isEmpty)
    }

    private func listening() throws -> (number: Int32, address: SocketAddress) {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        return (try listener.duplicate().release(), listener.address)
    }

    @Test func aListenerGetsTheSocketOfItsAddressOnce() throws {
        let (first, second) = (try listening(), try listening())
        let sockets = InheritedSockets([(first.number, nil), (second.number, nil)])
        let wanted = ListenAddress(host: "localhost", port: Int(second.address.port))
        let found = try sockets.take(wanted)?.address
        #expect(found == second.address)
        let again = try sockets.take(wanted)?.address
        #expect(again == nil)
        #expect(sockets.closeRest() == [first.address])
        #expect(sockets.closeRest().isEmpty)
        #expect(fcntl(first.number, F_GETFD) == -1)
    }

    /// A gateway before has chosen ports for its configuration; the same lines get the same sockets.
    @Test func aSocketWithItsAddressInTheConfigurationIsFoundByIt() throws {
        let (first, second) = (try listening(), try listening())
        let sockets = InheritedSockets([(first.number, "127.0.0.1:0"), (second.number, "127.0.0.1:0")])
        let address = ListenAddress(host: "127.0.0.1", port: 0)
        let found = [
            try sockets.take(address)?.address, try sockets.take(address)?.address, try sockets.take(address)?.address,
        ]
        #expect(found == [first.address, second.address, nil])
    }

    @Test func othersThanListeningSocketsAreReportedAndClosed() throws {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let sockets = InheritedSockets([(number, nil)])
        #expect(sockets.problems.count == 1)
        #expect(sockets.closeRest().isEmpty)
    }

    @Test func aPlanUsesThem() throws {
        let (number, address) = try listening()
        let sockets = InheritedSockets([(number, nil)])
        let plan = try ListenerPlan([ListenAddress(host: "127.0.0.1", port: Int(address.port))], inherited: sockets)
        #expect(plan.urls == ["http://\(address)"])
    }
}
