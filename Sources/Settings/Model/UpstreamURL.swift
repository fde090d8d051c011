/// The base URL of the upstream, in its parts (RFC 3986, section 3).
package struct UpstreamURL: Hashable, Sendable {
    /// Whether the scheme is `https`, not `http`.
    package let isSecure: Bool
    /// The host: a name or an IP address, an IPv6 one without brackets.
    package let host: String
    /// The port, 1…65535; the scheme's own where none is written.
    package let port: Int
    /// The path, with its leading slash and without a trailing one; empty for none. Mostly `/v1`.
    package let path: String

    /// `http` or `https`.
    package var scheme: String { isSecure ? "https" : "http" }

    /// What stands in `path` before its last `/v1`: the gateway's own paths begin with the version.
    package var pathBeforeVersion: String { path.hasSuffix("/v1") ? String(path.dropLast(3)) : path }

    /// The whole URL, without the port where it is the scheme's own.
    package var text: String {
        let isStandard = port == (isSecure ? 443 : 80)
        return "\(scheme)://\(ListenAddress.bracketed(host))\(isStandard ? "" : ":\(port)")\(path)"
    }

    /// The URL `text`, which must have a scheme of `http` or `https`, a host, and neither user, query nor fragment.
    /// - Throws: `ParseProblem`, which never repeats the text: it may hold a password.
    package init(parsing text: String) throws(ParseProblem) {
        guard let schemeEnd = text.firstRange(of: "://") else {
            throw ParseProblem("a URL begins with https:// or http://")
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
            throw ParseProblem("the URL may have no user or password; keys belong into upstream.api_keys")
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
