/// Destination of requests.
package struct Origin: Hashable, Sendable {
    /// A name, or an IP address without brackets.
    package let host: String
    package let port: UInt16
    /// True for TLS, with a certificate verified for `host`.
    package let isSecure: Bool

    /// The server at `host` and `port`.
    package init(host: String, port: UInt16, isSecure: Bool) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }
}

extension Origin {
    /// The host and the port, as CONNECT and an address in words have them (RFC 3986, section 3.2).
    package var authority: String { "\(bracketedHost):\(port)" }

    /// The `host` field of requests (RFC 9110, section 7.2): the port where it is not the scheme's own.
    package var hostField: String { port == (isSecure ? 443 : 80) ? bracketedHost : authority }

    /// Its URL without a path, as `https://api.example`.
    package var url: String { "\(isSecure ? "https" : "http")://\(hostField)" }

    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}
