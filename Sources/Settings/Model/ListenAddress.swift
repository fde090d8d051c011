import Bytes
import Glibc

/// The address and certificate of a listener.
package struct ListenAddress: Hashable, Sendable {
    /// The TLS files of a listener, as paths of PEM files.
    package struct TLS: Hashable, Sendable {
        /// The certificate chain, the server's own certificate first.
        package var certificate: String
        /// The certificate's private key.
        package var key: String
        /// The authorities of client certificates. Where there is one, a client needs a certificate.
        package var clientCA: String?

        /// The files of one listener.
        package init(certificate: String, key: String, clientCA: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientCA = clientCA
        }
    }

    /// An IP address, an IPv6 one without brackets, or a host name.
    package var host: String
    /// The port, 0…65535; 0 lets the system choose one.
    package var port: Int
    /// The certificate; nil for plain HTTP.
    package var tls: TLS?

    /// The address `host`, `port`.
    package init(host: String, port: Int, tls: TLS? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// The address of `text`, as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    package init(parsing text: String) throws(ParseProblem) {
        let (host, port) = try Self.split(text)
        guard let port else {
            if let port = try? Self.port(text[...]) {
                throw ParseProblem("is a port without an address", suggestion: "127.0.0.1:\(port)")
            }
            throw ParseProblem("an address needs a port", suggestion: "\(Self.bracketed(host)):8080")
        }
        self.init(host: host, port: port)
    }

    /// Returns true for an address that only this machine can reach: 127.0.0.0/8, `::1` or `localhost`.
    package var isLoopback: Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// Returns true where the system lets only one of both be listened on: the same port, on the same address, or where one of
    /// them is all addresses of the other's family.
    func overlaps(_ other: ListenAddress) -> Bool {
        guard port == other.port, port != 0 else { return false }
        let (own, others) = (bytes, other.bytes)
        return own == others
            || own.count == others.count && [own, others].contains { $0.allSatisfy { $0 == 0 } }
    }

    /// The address in network byte order, 4 or 16 bytes. Of a host name, which cannot be listened on, its letters.
    private var bytes: [UInt8] {
        let name = host.lowercased()
        return Self.bytes(of: name == "localhost" ? "127.0.0.1" : name) ?? Array("\(name)/".utf8)
    }

    /// The IP address `text` in network byte order, 4 or 16 bytes; nil for any other text.
    static func bytes(of text: String) -> [UInt8]? {
        var (ipv4, ipv6) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &ipv4) == 1 { return withUnsafeBytes(of: ipv4) { Array($0) } }
        return inet_pton(AF_INET6, text, &ipv6) == 1 ? withUnsafeBytes(of: ipv6) { Array($0) } : nil
    }

    /// The address as in URLs and in the configuration.
    package var text: String { "\(Self.bracketed(host)):\(port)" }

    /// The host `text` in lower case, an IPv6 address with or without brackets. Returns nil for anything else.
    static func host(of text: String) -> String? {
        if isIPv6(text[...]) { return text.lowercased() }
        guard let (host, port) = try? split(text), port == nil else { return nil }
        return host.lowercased()
    }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// The parts of `host`, `host:port`, `[v6]` or `[v6]:port`.
    static func split(_ text: String) throws(ParseProblem) -> (host: String, port: Int?) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw ParseProblem("the address has no closing ]") }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard isIPv6(host) else { throw ParseProblem("the text between [ and ] is not an IPv6 address") }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
            if rest.dropFirst().contains(":") {
                throw ParseProblem(
                    "an IPv6 address needs brackets", suggestion: isIPv6(text[...]) ? "[\(text)]:8080" : nil)
            }
            guard isHostName(host) else {
                throw ParseProblem(
                    host.isEmpty
                        ? "an address needs a host before the port" : "the host has characters that no host name has",
                    suggestion: host.isEmpty && rest.count > 1 ? "0.0.0.0\(rest)" : nil)
            }
        }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard rest.hasPrefix(":") else { throw ParseProblem("only a colon and a port may follow ]") }
        return (String(host), try port(rest.dropFirst()))
    }

    private static func port(_ text: Substring) throws(ParseProblem) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy(ASCII.isDigit) else {
            throw ParseProblem("the port is not a number")
        }
        guard let port = Int(text), port <= 65535 else { throw ParseProblem("a port is at most 65535") }
        return port
    }

    private static func isHostName(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.utf8.allSatisfy {
            ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.point || $0 == ASCII.hyphen
                || $0 == UInt8(ascii: "_")
        }
    }

    /// Returns true for the characters of an IPv6 address, perhaps with a zone. The system decides when it listens.
    private static func isIPv6(_ text: Substring) -> Bool {
        let address = text.prefix { $0 != "%" }
        let colons = address.utf8.count { $0 == UInt8(ascii: ":") }
        return (address.contains("::") || colons == 7 || (colons == 6 && address.contains(".")))
            && address.utf8.allSatisfy { Hexadecimal.value(of: $0) != nil || $0 == ASCII.colon || $0 == ASCII.point }
    }
}
