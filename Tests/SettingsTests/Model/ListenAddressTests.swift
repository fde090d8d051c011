import Testing

@testable import Settings

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:1", "::1", 1), ("localhost:0", "localhost", 0),
        ("gate-way_1.example.com:65535", "gate-way_1.example.com", 65535), ("[fe80::1%eth0]:80", "fe80::1%eth0", 80),
    ])
    func parses(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.text == text)
    }

    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1:8080"), ("[::1]", "[::1]:8080"), ("::1", "[::1]:8080"), (":8080", "0.0.0.0:8080"),
            ("8080", "127.0.0.1:8080"), ("65536", "65536:8080"),
            ("", nil), (":", nil), ("a:", nil), ("a:b", nil), ("a:-1", nil), ("a:+1", nil), ("a:70000", nil),
            ("a:99999999999999999999", nil), ("a:80:90", nil), ("[::1:80", nil), ("[::1]80", nil), ("[a]:80", nil),
            ("a b:80", nil), ("é:80", nil), ("a/b:80", nil), ("a:８０", nil),
        ] as [(String, String?)])
    func refuses(text: String, suggestion: String?) throws {
        let problem = try #require(throws: ParseProblem.self) { try ListenAddress(parsing: text) }
        #expect(problem.suggestion == suggestion)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.3.4", true), ("::1", true), ("localhost", true), ("LocalHost", true),
        ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("127.example.com", false),
        ("127.0.0.1.example.com", false),
        ("127.0.0", false), ("127.0.0.256", false), ("128.0.0.1", false),
    ])
    func loopbackIsThisMachine(host: String, isLoopback: Bool) {
        #expect(ListenAddress(host: host, port: 1).isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80", true), ("127.0.0.1:80", "0.0.0.0:80", true),
        ("localhost:80", "127.0.0.1:80", true),
        ("[::]:80", "[::1]:80", true), ("[0:0:0:0:0:0:0:1]:80", "[::1]:80", true),
        ("[FE80::1]:80", "[fe80::1]:80", true),
        ("Host:80", "host:80", true),
        ("127.0.0.1:80", "127.0.0.1:81", false), ("127.0.0.1:80", "127.0.0.2:80", false),
        ("0.0.0.0:0", "0.0.0.0:0", false),
        // A listener on all addresses of IPv6 takes none of IPv4.
        ("[::]:80", "0.0.0.0:80", false), ("[::]:80", "127.0.0.1:80", false), ("a:80", "b:80", false),
        ("a:80", "0.0.0.0:80", false),
    ])
    func overlap(first: String, second: String, isOverlap: Bool) throws {
        let (first, second) = (try ListenAddress(parsing: first), try ListenAddress(parsing: second))
        #expect(first.overlaps(second) == isOverlap)
        #expect(second.overlaps(first) == isOverlap)
    }
}
