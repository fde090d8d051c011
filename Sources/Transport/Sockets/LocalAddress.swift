import CLinux
import Glibc

/// The address of a Unix socket: a path, or an abstract name, which begins with a zero byte (unix(7)).
struct LocalAddress {
    private let address: sockaddr_un
    private let length: socklen_t

    /// The address with the bytes `name`; nil for one that is too long.
    init?(_ name: [UInt8]) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        self.address = address
        // The name of an abstract socket is as long as the length says.
        length = socklen_t(MemoryLayout<sockaddr_un>.size - room + name.count)
    }

    /// Lends the address to a system call.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

/// A message to a Unix datagram socket of another process.
package enum LocalDatagram {
    /// Sends `text` to `path`, in which `@` at the start means the zero byte of an abstract name. Errors are ignored: for
    /// messages that nobody has to get.
    package static func send(_ text: String, to path: String) {
        var name = Array(path.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        guard let address = LocalAddress(name) else { return }
        let number = CLinux_localDatagramSocket()
        guard number >= 0 else { return }
        let descriptor = OwnedDescriptor(taking: number)
        address.withPointer { address, length in
            _ = Array(text.utf8).withUnsafeBytes {
                sendto(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
