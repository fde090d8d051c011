import CLinux
import Clocks
import Dispatch
import Glibc
import Synchronization

/// Turns a host name into addresses, off the loop: `getaddrinfo` blocks.
enum Resolver {
    /// The addresses of `host`, in the order of RFC 6724 as the system gives it, the families taking turns (RFC 8305, section 4).
    @inline(never)
    static func addresses(
        of host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> [SocketAddress] {
        if let address = SocketAddress(host, port: port) { return [address] }
        // An event descriptor, so that the answer is waited for as everything else is: with a deadline, on the loop.
        let answer: Answer
        let signal: Socket
        do throws(SystemError) {
            (answer, signal) = try makeAnswer(on: loop)
        } catch {
            throw .system(error)
        }
        defer { signal.close() }
        DispatchQueue.global().async { answer.give(lookUp(host, port: port)) }
        guard await signal.wait(for: .readable, until: deadline) == .ready else { throw .timedOut }
        return interleaved(try answer.take().get())
    }

    private static func makeAnswer(on loop: EventLoop) throws(SystemError) -> (Answer, Socket) {
        let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("eventfd", errno) }
        let mine = OwnedDescriptor(taking: number)
        let theirs = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard theirs >= 0 else { throw SystemError("fcntl", errno) }
        let answer = Answer(signal: OwnedDescriptor(taking: theirs))
        return (answer, try Socket(mine, on: loop))
    }

    /// Where the look-up's thread leaves what it found. It may come too late: then nobody looks.
    private final class Answer: Sendable {
        private let signal: OwnedDescriptor
        private let found = Mutex<Result<[SocketAddress], ConnectError>>(.failure(.timedOut))

        init(signal: consuming OwnedDescriptor) { self.signal = signal }

        func give(_ result: Result<[SocketAddress], ConnectError>) {
            found.withLock { $0 = result }
            eventfd_write(signal.number, 1)
        }

        func take() -> Result<[SocketAddress], ConnectError> { found.withLock { $0 } }
    }

    private static func lookUp(_ host: String, port: UInt16) -> Result<[SocketAddress], ConnectError> {
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

    /// The first address's family first, then each family in turn.
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
