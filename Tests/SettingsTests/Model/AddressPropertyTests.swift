import SeededRandom
import Testing

@testable import Settings

/// Addresses and URLs of random parts.
@Suite struct AddressPropertyTests {
    private static func host(_ generator: inout SeededGenerator) -> String {
        switch generator.number(0...3) {
        case 0: (0..<4).map { _ in String(generator.number(0...255)) }.joined(separator: ".")
        case 1: generator.pick(["::1", "::", "fe80::1%eth0", "2001:db8::8:800:200c:417a", "::ffff:127.0.0.1"])
        case 2: "gateway-\(generator.number(0...99)).example.com"
        default: "localhost"
        }
    }

    @Test func addressesAreReadAgain() throws {
        var generator = SeededGenerator(seed: 61)
        for _ in 0..<500 {
            let address = ListenAddress(host: Self.host(&generator), port: generator.number(0...65_535))
            #expect(try ListenAddress(parsing: address.text) == address)
        }
    }

    @Test func urlsAreReadAgain() throws {
        var generator = SeededGenerator(seed: 62)
        for _ in 0..<500 {
            let host = Self.host(&generator)
            let bracketed = host.contains(":") ? "[\(host)]" : host
            let scheme = generator.pick(["http", "https", "HTTPS"])
            let port = generator.pick(["", ":1", ":80", ":443", ":65535"])
            let path = generator.pick(["", "/", "/v1", "/v1/", "/a/b%20c/v1//"])
            let url = try UpstreamURL(parsing: "\(scheme)://\(bracketed)\(port)\(path)")
            #expect(url.host == host)
            #expect(try UpstreamURL(parsing: url.text) == url)
            #expect(!url.path.hasSuffix("/"))
        }
    }

    /// Damaged addresses are refused, or read: nothing else, and no port is out of range.
    @Test func damagedAddressesDoNotTrap() {
        var generator = SeededGenerator(seed: 63)
        let telling = Array("[]:.%0-9a\u{0}/@?# ".utf8)
        for _ in 0..<2000 {
            let text = "\(generator.pick(["[::1]", "127.0.0.1", "a.example"])):\(generator.number(0...65_535))"
            let damaged = String(decoding: generator.mutated(Array(text.utf8), with: telling), as: UTF8.self)
            if let address = try? ListenAddress(parsing: damaged) {
                #expect((0...65_535).contains(address.port))
                #expect(!address.host.isEmpty)
            }
            if let url = try? UpstreamURL(parsing: "https://" + damaged) {
                #expect((1...65_535).contains(url.port))
            }
        }
    }
}
