import HTTP1
import Transport

/// The proxies in front of the gateway whose `x-forwarded-for` is believed.
package struct TrustedProxies: Sendable {
    /// The most addresses of a request that are read: more proxies are in no row.
    static let hops = 32

    private let blocks: [AddressBlock]

    /// The proxies with addresses in `blocks`.
    package init(_ blocks: [AddressBlock] = []) { self.blocks = blocks }

    /// The client's address: the first one from the right that is no trusted proxy's, where each proxy has appended that of its own
    /// client. What is left of it anybody could have written.
    ///
    /// - Parameter peer: the address that the connection comes from, which is the client's unless it is a trusted proxy's.
    @inline(__always)
    func client(of peer: String, _ fields: HeaderFields) -> String {
        blocks.isEmpty ? peer : forwardedClient(of: peer, fields)
    }

    @inline(never)
    private func forwardedClient(of peer: String, _ fields: HeaderFields) -> String {
        guard let address = Self.address(peer[...]), isTrusted(address) else { return peer }
        var client = peer
        var left = Self.hops
        for value in fields.values("x-forwarded-for").reversed() {
            var rest: Substring? = fields.string(value)[...]
            while let list = rest {
                let comma = list.lastIndex(of: ",")
                left -= 1
                guard left >= 0, let address = Self.address(list[(comma.map(list.index(after:)) ?? list.startIndex)...])
                else { return client }
                client = address.host
                guard isTrusted(address) else { return client }
                rest = comma.map { list[..<$0] }
            }
        }
        return client
    }

    private func isTrusted(_ address: SocketAddress) -> Bool { blocks.contains { $0.contains(address) } }

    /// The address `text`, perhaps with a port or in brackets; nil for anything else, as `unknown`. An IPv4 address in an IPv6 one
    /// (RFC 4291, section 2.5.5.2) is the IPv4 address.
    private static func address(_ text: Substring) -> SocketAddress? {
        var host = text.drop { $0 == " " || $0 == "\t" }
        while host.last == " " || host.last == "\t" { host.removeLast() }
        if host.first == "[" {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if host.count(where: { $0 == ":" }) == 1 {
            host = host.prefix { $0 != ":" }
        }
        let mapped = "::ffff:"
        if host.contains("."), host.lowercased().hasPrefix(mapped) { host = host.dropFirst(mapped.count) }
        return SocketAddress(String(host), port: 0)
    }
}
