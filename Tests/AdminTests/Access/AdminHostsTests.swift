import Testing

@testable import Admin

@Suite struct AdminHostsTests {
    private static let loopback = AdminHosts(
        listen: "127.0.0.1", further: ["gateway.example", "192.0.2.7", "2001:db8::7"])

    @Test(arguments: [
        "localhost", "LocalHost:8081", "localhost.", "localhost.:8081", "127.0.0.1", "127.0.0.1:8081", "127.1.2.3",
        "[::1]", "[::1]:8081", "[0:0:0:0:0:0:0:1]:1",
    ])
    func loopbackIsAccepted(host: String) { #expect(Self.loopback.accepts(host)) }

    @Test(arguments: [
        "gateway.example", "GATEWAY.example:443", "gateway.example.:443", "192.0.2.7:8081", "[2001:db8::7]:8081",
        "[2001:DB8:0::7]",
    ])
    func configuredHostsAreAccepted(host: String) { #expect(Self.loopback.accepts(host)) }

    @Test(arguments: [
        "evil.example", "evil.example:8081", "localhost.evil.example", "evil.localhost", "127.0.0.1.evil.example",
        "127.0.0.1.nip.io", "gateway.example.evil", "agateway.example", "", ":8081", "[::2]", "[::1", "192.0.2.8",
        "0.0.0.0",
        "::1", "2130706433", "0x7f.0.0.1", "127.1", "[::ffff:192.0.2.1]", "localhost..",
    ])
    func othersAreRefused(host: String) { #expect(!Self.loopback.accepts(host)) }

    @Test func theAddressOfTheListenerIsAccepted() {
        let hosts = AdminHosts(listen: "192.0.2.1", further: [])
        #expect(hosts.accepts("192.0.2.1:8081"))
        #expect(hosts.accepts("127.0.0.1"))
        #expect(!hosts.accepts("192.0.2.2"))
        #expect(AdminHosts(listen: "2001:db8::1", further: []).accepts("[2001:db8:0:0::1]:8081"))
    }

    /// An address cannot be rebound: the browser compares it with the address that it connects to.
    @Test(arguments: ["0.0.0.0", "::"]) func aListenerOnAllAddressesAcceptsEveryAddress(listen: String) {
        let hosts = AdminHosts(listen: listen, further: [])
        #expect(hosts.accepts("192.0.2.1:8081"))
        #expect(hosts.accepts("[2001:db8::1]:8081"))
        #expect(!hosts.accepts("evil.example:8081"))
    }
}
