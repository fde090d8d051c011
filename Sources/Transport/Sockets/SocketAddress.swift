import CLinux
import Glibc

/// An IPv4 or IPv6 address and a port, to bind or to connect to.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The two address families.
    package enum Family: Sendable, Hashable { case ipv4, ipv6 }

    package let family: Family
    /// The address in network byte order: 4 or 16 bytes.
    let bytes: [UInt8]
    /// The port; 0 lets the system choose one when it is bound.
    package let port: UInt16
    private let scope: UInt32

    /// Reads a numeric address, such as `127.0.0.1` or `::1`. Nil for any other text, host names included.
    package init?(_ text: String, port: UInt16) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            family = .ipv4
            bytes = withUnsafeBytes(of: ipv4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &ipv6) == 1 {
            family = .ipv6
            bytes = withUnsafeBytes(of: ipv6) { Array($0) }
        } else {
            return nil
        }
        self.port = port
        scope = 0
    }

    /// Copies an address that the system returned. Nil for other families than IPv4 and IPv6.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let ipv4 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            family = .ipv4
            bytes = withUnsafeBytes(of: ipv4.sin_addr) { Array($0) }
            port = UInt16(bigEndian: ipv4.sin_port)
            scope = 0
        case AF_INET6:
            let ipv6 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            family = .ipv6
            bytes = withUnsafeBytes(of: ipv6.sin6_addr) { Array($0) }
            port = UInt16(bigEndian: ipv6.sin6_port)
            scope = ipv6.sin6_scope_id
        default: return nil
        }
    }

    /// The local address of a bound socket, with the port that the system chose.
    package init?(of descriptor: Int32) { self.init(reading: { getsockname(descriptor, $0, $1) }) }

    /// The other side's address of a connected socket.
    package init?(ofPeer descriptor: Int32) { self.init(reading: { getpeername(descriptor, $0, $1) }) }

    /// The address that `read` writes; nil where it fails.
    private init?(
        reading read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeMutablePointer(to: &storage) { pointer -> SocketAddress? in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                read($0, &length) == 0 ? SocketAddress($0) : nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    /// True for 127.0.0.0/8 and `::1`.
    package var isLoopback: Bool {
        switch family {
        case .ipv4: bytes[0] == 127
        case .ipv6: bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }

    /// True for `0.0.0.0` and `::`, on which a listener has all addresses of the machine.
    package var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Calls `body` with the address in the system's form.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// The address without port and brackets, as `127.0.0.1` or `::1`.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(family == .ipv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// As in `127.0.0.1:8080` or `[::1]:8080`.
    package var description: String { family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }

    var systemFamily: Int32 { family == .ipv4 ? AF_INET : AF_INET6 }
}
