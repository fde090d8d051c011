import CLinux
import Clocks
import Dispatch
import Glibc
import Synchronization

/// Resolves host names on a thread of Dispatch, since `getaddrinfo` blocks. Keeps no answers: each connection follows the
/// names of its moment.
package struct Resolver: Sendable {
    /// A look-up of a name and a port. It may block.
    package typealias Lookup = @Sendable (_ host: String, _ port: UInt16) -> Result<[SocketAddress], ConnectError>

    private let lookup: Lookup

    /// A resolver that asks `lookup`.
    package init(_ lookup: @escaping Lookup) { self.lookup = lookup }

    /// The system's resolver, `getaddrinfo`.
    package static let system = Resolver(systemAddresses)

    /// The addresses of `host` in the order of the look-up (the system's: RFC 6724), with the families taking turns
    /// (RFC 8305, section 4).
    @inline(never)
    func addresses(
        of host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> [SocketAddress] {
        if let address = SocketAddress(host, port: port) { return [address] }
        // An event descriptor makes the result an event of the loop, with a deadline like any other.
        let pending: PendingLookup
        let signal: Socket
        do throws(SystemError) {
            (pending, signal) = try Self.makeLookup(on: loop)
        } catch {
            throw .system(error)
        }
        defer { signal.close() }
        DispatchQueue.global().async { [lookup] in pending.finish(lookup(host, port)) }
        guard await signal.wait(for: .readable, until: deadline) == .ready else { throw .timedOut }
        return Self.interleaved(try pending.addresses.get())
    }

    private static func makeLookup(on loop: EventLoop) throws(SystemError) -> (PendingLookup, Socket) {
        let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("eventfd", errno) }
        let mine = OwnedDescriptor(taking: number)
        let theirs = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard theirs >= 0 else { throw SystemError("fcntl", errno) }
        let pending = PendingLookup(signal: OwnedDescriptor(taking: theirs))
        return (pending, try Socket(mine, on: loop))
    }

    /// The result of a look-up, shared with its thread. The thread may write it after the deadline; nothing reads it then.
    private final class PendingLookup: Sendable {
        private let signal: OwnedDescriptor
        private let result = Mutex<Result<[SocketAddress], ConnectError>>(.failure(.timedOut))

        init(signal: consuming OwnedDescriptor) { self.signal = signal }

        func finish(_ result: Result<[SocketAddress], ConnectError>) {
            self.result.withLock { $0 = result }
            eventfd_write(signal.number, 1)
        }

        var addresses: Result<[SocketAddress], ConnectError> { result.withLock { $0 } }
    }

    @Sendable
    private static func systemAddresses(of host: String, port: UInt16) -> Result<[SocketAddress], ConnectError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { return .failure(.unknownHost(host, String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let present = entry {
            if let address = SocketAddress(present.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
            entry = present.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.unknownHost(host, "no address")) : .success(addresses)
    }

    /// The addresses with the two families in turn, beginning with the first address's family.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        let preferred = addresses.filter { $0.family == addresses.first?.family }
        let others = addresses.filter { $0.family != addresses.first?.family }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}
