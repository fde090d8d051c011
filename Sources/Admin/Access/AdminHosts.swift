import HTTP1
import Transport

/// The hosts that the admin listener answers for.
///
/// A page of the web may give its own name the address of this machine (DNS rebinding), and its scripts could then read every
/// page. Such requests have the page's name in `host`, so only known names are accepted. An IP address is no such name.
struct AdminHosts: Sendable {
    private let names: Set<String>
    private let listen: SocketAddress?

    /// - Parameters:
    ///   - listen: The address of the listener, without brackets; `localhost` or an IP address.
    ///   - further: Further names and addresses, in lower case and without brackets.
    init(listen: String, further: [String]) {
        names = Set(further + ["localhost"])
        self.listen = SocketAddress(listen, port: 0)
    }

    /// Returns true for the value of a `host` field (RFC 9110, section 7.2) with one of the hosts, on any port.
    ///
    /// A tunnel or a port mapping changes the port, and a page of the web cannot choose another host by it.
    func accepts(_ field: String) -> Bool {
        let host = Self.host(of: field.lowercased())
        if names.contains(host) { return true }
        guard let address = SocketAddress(host, port: 0) else { return false }
        return address.isLoopback || address == listen || listen?.isUnspecified == true || isNamed(address)
    }

    /// Returns true for another spelling of an address among the names.
    private func isNamed(_ address: SocketAddress) -> Bool {
        names.contains { SocketAddress($0, port: 0) == address }
    }

    /// The host without port, brackets and the last dot of an absolute name.
    private static func host(of field: String) -> String {
        if field.hasPrefix("["), let end = field.firstIndex(of: "]") {
            return String(field[field.index(after: field.startIndex)..<end])
        }
        let host = field.prefix { $0 != ":" }
        return String(host.hasSuffix(".") ? host.dropLast() : host)
    }
}
