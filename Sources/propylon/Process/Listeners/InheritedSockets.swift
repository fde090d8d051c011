import Glibc
import Settings
import Synchronization
import Transport

/// Listening sockets that another process has opened: systemd, or the gateway that this one takes over from.
final class InheritedSockets: Sendable {
    /// One of them, until a listener takes it.
    struct Socket: Sendable {
        /// The address as the other gateway's configuration has it, which may have port 0; nil where it is not known.
        let configured: String?
        /// The address that it listens on.
        let address: SocketAddress
        fileprivate let listener: Handoff<Listener>
    }

    private let sockets: Mutex<[Socket]>
    /// The reasons why some descriptors are of no use.
    let problems: [String]

    /// No sockets.
    init() {
        sockets = Mutex([])
        problems = []
    }

    /// Takes the ownership of `descriptors`, each with the address in its configuration, if that is known. Others than listening
    /// sockets are closed, and are in `problems`.
    init(_ descriptors: [(number: Int32, configured: String?)]) {
        var sockets: [Socket] = []
        var problems: [String] = []
        for (number, configured) in descriptors {
            do throws(SystemError) {
                let listener = try Listener(inheriting: OwnedDescriptor(taking: number))
                let address = listener.address
                sockets.append(
                    Socket(configured: configured, address: address, listener: Handoff(consume listener)))
            } catch {
                problems.append("descriptor \(number) is no listening TCP socket (\(error))")
            }
        }
        self.sockets = Mutex(sockets)
        self.problems = problems
    }

    /// Returns the socket for `address`, once.
    func take(_ address: ListenAddress) throws(StartError) -> Listener? {
        let wanted = try SocketAddress(address)
        let socket = sockets.withLock { sockets -> Socket? in
            let index =
                sockets.firstIndex { $0.configured == address.text }
                ?? sockets.firstIndex { $0.configured == nil && $0.address == wanted }
            return index.map { sockets.remove(at: $0) }
        }
        return socket?.listener.take()
    }

    /// Closes the sockets that nobody has taken, and returns their addresses.
    func closeRest() -> [SocketAddress] {
        let rest = sockets.withLock { sockets in
            let rest = sockets
            sockets = []
            return rest
        }
        return rest.map(\.address)
    }
}

extension InheritedSockets {
    /// The first descriptor of the protocol (`SD_LISTEN_FDS_START`).
    private static let firstDescriptor: Int32 = 3
    /// More descriptors than any service has.
    private static let mostDescriptors: Int32 = 1024

    /// The sockets of systemd's socket activation (sd_listen_fds(3)), taken out of the environment of this process.
    ///
    /// Call it once, before other threads use the environment.
    static func ofSystemd() -> InheritedSockets {
        let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        let values = variables.map { name in getenv(name).map { String(cString: $0) } }
        // Not for the programs that this one starts.
        for name in variables { unsetenv(name) }
        return InheritedSockets(
            descriptors(process: values[0], count: values[1], of: getpid()).map { ($0, configured: nil) })
    }

    /// The descriptors that are meant for the process `own`; none for another process.
    static func descriptors(process: String?, count: String?, of own: Int32) -> Range<Int32> {
        guard let process, Int32(process) == own, let count = count.flatMap({ Int32($0) }),
            1...mostDescriptors ~= count
        else { return firstDescriptor..<firstDescriptor }
        return firstDescriptor..<firstDescriptor + count
    }
}
