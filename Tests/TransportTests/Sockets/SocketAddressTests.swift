import Glibc
import SeededRandom
import Testing

@testable import Transport

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("255.255.255.255", "255.255.255.255:80"),
        ("::1", "[::1]:80"), ("2001:db8::A", "[2001:db8::a]:80"), ("::ffff:10.0.0.1", "[::ffff:10.0.0.1]:80"),
    ]) func numericAddressesAreRead(text: String, description: String) {
        #expect(SocketAddress(text, port: 80)?.description == description)
    }

    @Test(arguments: [
        "", "localhost", "127.0.0", "127.0.0.256", "127.0.0.1:80", "[::1]", ":::", "1::2::3", "127.0.0.1 ",
    ])
    func otherTextIsNoAddress(text: String) {
        #expect(SocketAddress(text, port: 80) == nil)
    }

    @Test func equalityIsThatOfAddressAndPort() {
        let address = SocketAddress("10.0.0.1", port: 80)
        #expect(address == SocketAddress("10.0.0.1", port: 80))
        #expect(address != SocketAddress("10.0.0.1", port: 81))
        #expect(address != SocketAddress("10.0.0.2", port: 80))
        #expect(address != SocketAddress("::ffff:10.0.0.1", port: 80))
    }

    @Test(arguments: 0..<100) func theSystemsFormIsReadBack(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let bytes = (0..<8).map { _ in UInt16.random(in: 0...(.max), using: &random) }
        let port = UInt16.random(in: 0...(.max), using: &random)
        let text =
            Bool.random(using: &random)
            ? bytes[0..<4].map { String($0 & 255) }.joined(separator: ".")
            : bytes.map { String($0, radix: 16) }.joined(separator: ":")
        let address = try #require(SocketAddress(text, port: port))
        #expect(address.withPointer { pointer, _ in SocketAddress(pointer) } == address)
    }

    @Test func otherFamiliesAreNone() {
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNIX)
        #expect(SocketAddress(&address) == nil)
    }

    @Test func aDescriptorThatIsNoSocketHasNoAddress() {
        #expect(SocketAddress(of: -1) == nil)
    }
}
