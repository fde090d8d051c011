import Transport

/// Choice of a proxy by the variables that curl and most programs read.
///
/// `https_proxy` or `HTTPS_PROXY` is for servers with TLS, `http_proxy` for others, in lower case alone: a CGI program would
/// get `HTTP_PROXY` from a client's header. `no_proxy` or `NO_PROXY` names hosts that are connected to directly. A
/// loopback address is none that a proxy can reach.
package struct ProxyRules: Sendable, Hashable {
    /// Fault of a variable.
    package struct InvalidVariable: Error, Sendable, Hashable {
        /// Name of the variable. Its value may hold a password.
        package let name: String
    }

    private let secure: Proxy?
    private let plain: Proxy?
    private let exceptions: ProxyExceptions

    /// Reads the variables of `environment`.
    package init(environment: [String: String]) throws(InvalidVariable) {
        func proxy(_ names: String...) throws(InvalidVariable) -> Proxy? {
            guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let text = environment[name]
            else { return nil }
            guard let proxy = Proxy(text) else { throw InvalidVariable(name: name) }
            return proxy
        }
        secure = try proxy("https_proxy", "HTTPS_PROXY")
        plain = try proxy("http_proxy")
        exceptions = ProxyExceptions(environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
    }

    /// The proxy for connections to `origin`; nil for a direct one.
    ///
    /// - Parameter configured: a proxy to use in the place of the variables' one. The exceptions hold for it too.
    package func proxy(for origin: Origin, configured: Proxy? = nil) -> Proxy? {
        guard let proxy = configured ?? (origin.isSecure ? secure : plain), !exceptions.contains(origin) else {
            return nil
        }
        return proxy
    }
}

/// Servers that are connected to without a proxy: a list as in `localhost,.example.com,10.0.0.0/8,host:8443` or `*`.
struct ProxyExceptions: Sendable, Hashable {
    private enum Pattern: Hashable {
        case all
        case block(AddressBlock, port: UInt16?)
        /// A domain and all below it, in lower case.
        case domain(String, port: UInt16?)
    }

    private let patterns: [Pattern]

    /// Reads a list, separated by commas or white space. Entries that can match no host are passed over.
    init(_ list: String) {
        patterns = list.split { $0 == "," || $0.isWhitespace }.compactMap { entry in
            if entry == "*" { return .all }
            if let block = AddressBlock(entry) { return .block(block, port: nil) }
            guard let (host, port) = Proxy.hostAndPort(entry) else { return nil }
            if let block = AddressBlock(host) { return .block(block, port: port) }
            let domain = Self.normal(host.drop { $0 == "." || $0 == "*" })
            return domain.isEmpty ? nil : .domain(domain, port: port)
        }
    }

    /// True where `origin` is one of them.
    func contains(_ origin: Origin) -> Bool {
        let host = Self.normal(origin.host[...])
        let address = SocketAddress(host, port: origin.port)
        if host == "localhost" || address?.isLoopback == true { return true }
        return patterns.contains { pattern in
            switch pattern {
            case .all: true
            case .block(let block, let port):
                address.map { block.contains($0) } == true && (port ?? origin.port) == origin.port
            case .domain(let domain, let port):
                (host == domain || host.hasSuffix("." + domain)) && (port ?? origin.port) == origin.port
            }
        }
    }

    /// A name in lower case, without the dot at its end.
    private static func normal(_ host: Substring) -> String {
        String(host.last == "." ? host.dropLast() : host).lowercased()
    }
}
