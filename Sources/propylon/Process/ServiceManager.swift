import Glibc

/// Tells the service manager about the state of this process, as sd_notify(3) does. Without `NOTIFY_SOCKET` nobody listens.
struct ServiceManager: Sendable {
    /// The path of the manager's datagram socket; `@` stands for the zero byte of an abstract one.
    private let path: String?

    /// The manager that `path`, the variable `NOTIFY_SOCKET`, names.
    init(path: String?) { self.path = path }

    /// Requests are served.
    func ready() { send("READY=1") }

    /// The configuration is being read again, from now on.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    /// The process ends.
    func stopping() { send("STOPPING=1") }

    /// The process `successor` is the service from now on.
    func mainProcess(is successor: Int32) { send("MAINPID=\(successor)") }

    /// Errors are ignored: a manager that has gone is no fault of the gateway.
    private func send(_ text: String) {
        guard let path, let first = path.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else {
            return
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if first == UInt8(ascii: "@") { bytes[0] = 0 }
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // The name of an abstract socket is as long as the address says.
        let length = socklen_t(
            MemoryLayout.size(ofValue: address) - MemoryLayout.size(ofValue: address.sun_path) + bytes.count)
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = Array(text.utf8).withUnsafeBytes {
                    sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address, length)
                }
            }
        }
    }
}
