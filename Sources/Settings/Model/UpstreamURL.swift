/// The base URL of the upstream, in its parts (RFC 3986, section 3).
package struct UpstreamURL: Hashable, Sendable {
    /// Returns true for `https`, false for `http`.
    package let isSecure: Bool
    /// The host: a name or an IP address, an IPv6 one without brackets.
    package let host: String
    /// The port, 1…65535; the scheme's default where the URL has none.
    package let port: Int
    /// The path, with its leading slash and without a trailing one; empty for none. Mostly `/v1`.
    package let path: String

    /// `http` or `https`.
    package var scheme: String { isSecure ? "https" : "http" }

    /// `path` without a `/v1` at its end, since the gateway's own paths begin with the version.
    package var pathBeforeVersion: String { path.hasSuffix("/v1") ? String(path.dropLast(3)) : path }

    /// True for the vendor's API, which needs a key and has the models of the catalogue.
    package var isVendor: Bool { host == "cloud-temple.com" || host.hasSuffix(".cloud-temple.com") }

    /// The whole URL, without the scheme's default port.
    package var text: String {
        let isStandard = port == (isSecure ? 443 : 80)
        return "\(scheme)://\(ListenAddress.bracketed(host))\(isStandard ? "" : ":\(port)")\(path)"
    }

    /// The URL `text`: scheme `http` or `https`, a host, and neither user, query nor fragment.
    /// - Throws: `ParseProblem`, which never repeats the text, since it may hold a password.
    package init(parsing text: String) throws(ParseProblem) {
        guard let schemeEnd = text.firstRange(of: "://") else {
            throw ParseProblem("a URL starts with https:// or http://")
        }
        switch text[..<schemeEnd.lowerBound].lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: throw ParseProblem("the scheme of the URL must be https or http")
        }
        let rest = text[schemeEnd.upperBound...]
        guard rest.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }) else {
            throw ParseProblem("a URL has no spaces and no characters beyond ASCII; others are percent-encoded")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw ParseProblem("the URL may have no query and no fragment")
        }
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        guard !rest[..<pathStart].contains("@") else {
            throw ParseProblem("the URL may have no user or password; write keys to upstream.api_keys")
        }
        let (host, port) = try ListenAddress.split(String(rest[..<pathStart]))
        guard port != 0 else { throw ParseProblem("the port of a URL is at least 1") }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        var path = rest[pathStart...]
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }
}

extension UpstreamURL {
    /// The vendor's public API.
    static let vendor = UpstreamURL(isSecure: true, host: "api.ai.cloud-temple.com", port: 443, path: "/v1")

    private init(isSecure: Bool, host: String, port: Int, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }
}
