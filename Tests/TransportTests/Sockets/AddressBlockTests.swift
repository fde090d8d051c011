import Testing

@testable import Transport

@Suite struct AddressBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
        ("192.168.4.0/23", "192.168.5.255", true), ("192.168.4.0/23", "192.168.6.0", false),
        ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1/32", "127.0.0.2", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true), ("::/0", "fe80::1", true),
    ]) func itContainsTheAddressesOfItsPrefix(block: String, address: String, contains: Bool) throws {
        let address = try #require(SocketAddress(address, port: 443))
        #expect(AddressBlock(block)?.contains(address) == contains)
    }

    @Test(arguments: ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "host/8", "::/129", "10/8/8"])
    func whatIsNoBlockIsNone(text: String) { #expect(AddressBlock(text) == nil) }
}
