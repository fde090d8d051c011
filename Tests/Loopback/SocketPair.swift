import Glibc
import Transport

/// Two connected sockets in `loop`. Each may have `sendBuffer` bytes on their way to the other, where that is said.
package func socketPair(on loop: EventLoop, sendBuffer: Int32? = nil) throws -> (Socket, Socket) {
    var numbers: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &numbers) == 0 else { throw SystemError("socketpair", errno) }
    if var sendBuffer {
        for number in numbers {
            setsockopt(number, SOL_SOCKET, SO_SNDBUF, &sendBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
    }
    return (
        try Socket(OwnedDescriptor(taking: numbers[0]), on: loop, assuming: .writable),
        try Socket(OwnedDescriptor(taking: numbers[1]), on: loop, assuming: .writable)
    )
}
