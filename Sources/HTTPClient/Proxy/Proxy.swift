import Bytes

/// An HTTP proxy that tunnels connections with CONNECT (RFC 9110, section 9.3.6).
package struct Proxy: Sendable, Hashable, CustomStringConvertible {
    /// A name, or an IP address without brackets.
    package let host: String
    package let port: UInt16
    /// Value of `proxy-authorization`; nil without a user. A secret: it is in no description.
    let authorization: String?

    /// Reads `http://[user[:password]@]host[:port][/]`, the scheme may be missing, and the port is 80
    /// then. Nil for any other text, other schemes included.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if rest.lowercased().hasPrefix("http://") { rest = rest.dropFirst(7) }
        if rest.last == "/" { rest.removeLast() }
        guard !rest.contains("/") else { return nil }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            guard let value = Self.basic(rest[..<at]) else { return nil }
            authorization = value
            rest = rest[rest.index(after: at)...]
        }
        guard let (host, port) = Self.hostAndPort(rest) else { return nil }
        self.host = host
        self.port = port ?? 80
        self.authorization = authorization
    }

    /// As in `http://proxy:3128`, without user and password.
    package var description: String { "http://\(Origin(host: host, port: port, isSecure: false).authority)" }

    /// Credentials of the Basic scheme (RFC 7617) for percent-encoded `user:password`. Nil for a broken escape, or a user
    /// with a colon, which the scheme cannot express.
    private static func basic(_ userInfo: Substring) -> String? {
        let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = PercentCoding.strictlyDecoded(Array(parts[0].utf8).span), !user.contains(":") else {
            return nil
        }
        let encodedPassword = parts.count == 2 ? Array(parts[1].utf8) : []
        guard let password = PercentCoding.strictlyDecoded(encodedPassword.span) else { return nil }
        return "Basic " + String(decoding: Base64.encoded(Array("\(user):\(password)".utf8)), as: UTF8.self)
    }

    /// The host of `host`, `host:port` or `[address]:port`, and its port. Nil for any other text.
    static func hostAndPort(_ text: Substring) -> (host: String, port: UInt16?)? {
        var (host, port) = (text, Substring())
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard port.isEmpty || port.first == ":" else { return nil }
        } else if let colon = text.firstIndex(of: ":") {
            (host, port) = (text[..<colon], text[colon...])
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        guard !port.isEmpty else { return (String(host), nil) }
        guard port.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port.dropFirst()),
            number > 0
        else { return nil }
        return (String(host), number)
    }
}

/// Reason for which a proxy gave no tunnel. Nothing was sent to the server.
package struct ProxyFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason of the failure.
    package enum Reason: Sendable, Hashable {
        /// It cannot be connected to.
        case unreachable
        /// It answered CONNECT with this status: 407 wants other credentials, 403 forbids the server, 5xx means that it
        /// cannot reach it.
        case refused(status: Int)
        /// Its answer is not HTTP/1.1, or the connection ended before the answer did.
        case malformed
        /// It did not answer in time.
        case timedOut
    }

    /// The proxy's URL, without user and password.
    package let proxy: String
    package let reason: Reason

    package var description: String {
        switch reason {
        case .unreachable: "the proxy \(proxy) cannot be reached"
        case .refused(407): "the proxy \(proxy) refuses its user and password (407)"
        case .refused(let status): "the proxy \(proxy) refuses the connection (\(status))"
        case .malformed: "the proxy \(proxy) does not speak HTTP/1.1"
        case .timedOut: "the proxy \(proxy) did not answer in time"
        }
    }
}
