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
