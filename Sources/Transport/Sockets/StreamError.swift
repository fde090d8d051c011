/// The reason why a connection's bytes stopped. Indirect, so that a waiting task holds no memory for it.
package indirect enum StreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The connection is dead: reset by the peer, or unreachable.
    case broken(SystemError)
    /// TLS failed, in the handshake or later.
    case tls(TLSError)
    /// The peer sent or accepted nothing before the deadline.
    case timedOut
    /// `Socket.interrupt` ended the wait.
    case interrupted

    package var description: String {
        switch self {
        case .broken(let error): error.description
        case .tls(let error): error.message
        case .timedOut: "no progress in time"
        case .interrupted: "interrupted"
        }
    }
}
