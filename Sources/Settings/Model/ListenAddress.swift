/// Where a listener listens, and with what certificate.
package struct ListenAddress: Hashable, Sendable {
    /// The TLS side of a listener. All are paths of PEM files.
    package struct TLS: Hashable, Sendable {
        /// The certificate chain, the server's own certificate first.
        package var certificate: String
        /// The certificate's private key.
        package var key: String
        /// The authorities of client certificates; where there is one, a caller must show a certificate.
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

    /// The address that `text` writes as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    /// - Throws: `ParseProblem`, with what is wrong and how it is written.
    package init(parsing text: String) throws(ParseProblem) {
        let (host, port) = try Self.split(text)
        guard let port else {
            throw ParseProblem("an address needs a port", suggestion: "\(Self.bracketed(host)):8080")
        }
        self.init(host: host, port: port)
    }

    /// Whether only this machine can reach it: an address of 127.0.0.0/8, `::1` or `localhost`.
    package var isLoopback: Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// The address as it is written in URLs and in the configuration.
    package var text: String { "\(Self.bracketed(host)):\(port)" }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// The parts of `host`, `host:port`, `[v6]` or `[v6]:port`.
    static func split(_ text: String) throws(ParseProblem) -> (host: String, port: Int?) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw ParseProblem("the address has no closing ]") }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard isIPv6(host) else { throw ParseProblem("what stands between [ and ] is no IPv6 address") }
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
                        ? "an address needs a host before the port" : "the host has characters that no host has",
                    suggestion: host.isEmpty && rest.count > 1 ? "0.0.0.0\(rest)" : nil)
            }
        }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard rest.hasPrefix(":") else { throw ParseProblem("after ] only a colon and a port may follow") }
        return (String(host), try port(rest.dropFirst()))
    }

    private static func port(_ text: Substring) throws(ParseProblem) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            throw ParseProblem("the port is no number")
        }
        guard let port = Int(text), port <= 65535 else { throw ParseProblem("a port is at most 65535") }
        return port
    }

    private static func isHostName(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// Whether `text` can be an IPv6 address, perhaps with a zone; the system has the last word when it listens.
    private static func isIPv6(_ text: Substring) -> Bool {
        let address = text.prefix { $0 != "%" }
        let colons = address.utf8.count { $0 == UInt8(ascii: ":") }
        return (address.contains("::") || colons == 7 || (colons == 6 && address.contains(".")))
            && address.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
