import HTTP1
import Testing
import Transport

@testable import Gateway

@Suite struct TrustedProxiesTests {
    private static let trusted = TrustedProxies(
        ["10.0.0.0/8", "192.0.2.7", "fd00::/8"].compactMap { AddressBlock($0) })

    private func client(
        of peer: String, _ forwarded: [String], _ proxies: TrustedProxies = trusted
    ) throws -> String {
        let fields = forwarded.map { "\nX-Forwarded-For: \($0)" }.joined()
        return proxies.client(of: peer, try RequestHead.of("GET / HTTP/1.1\nhost: a\(fields)").fields)
    }

    /// What a client writes itself stands left of what the proxies append.
    @Test(
        arguments: [
            ([], "10.0.0.1"),
            (["198.51.100.9"], "198.51.100.9"),
            (["6.6.6.6, 198.51.100.9"], "198.51.100.9"),
            (["6.6.6.6, 198.51.100.9, 10.1.1.1 ,\t192.0.2.7"], "198.51.100.9"),
            (["6.6.6.6", "198.51.100.9", "10.1.1.1"], "198.51.100.9"),
            (["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            (["198.51.100.9:4711"], "198.51.100.9"),
            (["2001:DB8::0:1"], "2001:db8::1"),
            (["[2001:db8::1]:443, fd00::1"], "2001:db8::1"),
            (["198.51.100.9, ::ffff:10.1.1.1, ::FFFF:192.0.2.7"], "198.51.100.9"),
        ] as [([String], String)])
    func theFirstFromTheRightThatIsNoProxyIsTheClient(forwarded: [String], expected: String) throws {
        #expect(try client(of: "10.0.0.1", forwarded) == expected)
    }

    /// A socket of both families names IPv4 peers so.
    @Test func aPeerOfBothFamiliesIsItsIPv4Address() throws {
        #expect(try client(of: "::ffff:10.0.0.1", ["192.0.2.7"]) == "192.0.2.7")
    }

    /// The last address that is believed stays.
    @Test(arguments: [
        "unknown", "", "_secret", "1.2.3", "1.2.3.4.5", "[::1", "a:b:c", "10.1.1.1 10.2.2.2", "\u{E9}", "::ffff:", ".",
    ])
    func whatIsNoAddressEndsTheSearch(text: String) throws {
        #expect(try client(of: "10.0.0.1", ["6.6.6.6, \(text)"]) == (text == "[::1" ? "::1" : "10.0.0.1"))
        #expect(try client(of: "10.0.0.1", ["6.6.6.6, \(text), 10.3.3.3"]) == (text == "[::1" ? "::1" : "10.3.3.3"))
    }

    @Test(arguments: ["198.51.100.1", "11.0.0.1", "::1", "", "no address"])
    func othersAreNotBelieved(peer: String) throws {
        #expect(try client(of: peer, ["6.6.6.6"]) == peer)
    }

    @Test func withoutProxiesNobodyIsBelieved() throws {
        #expect(try client(of: "10.0.0.1", ["6.6.6.6"], TrustedProxies()) == "10.0.0.1")
    }

    @Test func aLongListCostsNoMoreThanItsEnd() throws {
        let inside = Array(repeating: "10.1.1.1", count: TrustedProxies.hops - 1).joined(separator: ",")
        #expect(try client(of: "10.0.0.1", ["198.51.100.9,\(inside)"]) == "198.51.100.9")
        #expect(try client(of: "10.0.0.1", ["198.51.100.9,10.9.9.9,\(inside)"]) == "10.9.9.9")
        #expect(try client(of: "10.0.0.1", [String(repeating: ",", count: 30_000)]) == "10.0.0.1")
    }
}
