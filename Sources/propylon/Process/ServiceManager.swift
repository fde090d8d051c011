import Clocks
import Transport

/// Tells the service manager about the state of this process, as sd_notify(3) does. Without `NOTIFY_SOCKET` nobody listens.
struct ServiceManager: Sendable {
    /// The path of the manager's datagram socket; `@` means the zero byte of an abstract one.
    private let path: String?

    /// The manager that `path`, the variable `NOTIFY_SOCKET`, names.
    init(path: String?) { self.path = path }

    /// Requests are served.
    func ready() { send("READY=1") }

    /// The configuration is being read again, from now on.
    func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.now.nanoseconds / 1000)")
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
        LocalDatagram.send(text, to: path)
    }
}
