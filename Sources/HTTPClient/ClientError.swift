import HTTP1
import Transport

/// Reason for which there is no response, or no whole one. Indirect, so that a suspended task keeps no room for it.
package indirect enum ClientError: Error, Sendable, Equatable {
    /// No connection was opened; nothing was sent.
    case unreachable(ConnectError)
    /// The proxy in front of the server gave no tunnel to it; nothing was sent.
    case proxy(ProxyFailure)
    /// The server's certificate is not trusted, or TLS failed.
    case tls(TLSError)
    /// All connections are in use, and none became free within `ClientLimits.connectTimeout`.
    case exhausted
    /// The connection broke before the end of the response.
    case broken(SystemError)
    /// The server closed the connection before the end of the response.
    case truncated
    /// The server's bytes are not HTTP/1.1.
    case malformed(HTTP1Error)
    /// The server switched to a protocol that it was not asked for.
    case uninvitedSwitch
    /// The server sent or read nothing within the timeout.
    case timedOut
    /// The stored body could not be read.
    case unreadableBody(SystemError)
    /// The watched client closed its connection first, or its connection was interrupted.
    case clientGone

    init(_ error: StreamError) {
        switch error {
        case .broken(let error): self = .broken(error)
        case .tls(.closed): self = .truncated
        case .tls(let error): self = .tls(error)
        case .timedOut: self = .timedOut
        case .interrupted: self = .clientGone
        }
    }

    /// True where the server closed the connection, as it does with one that was idle for too long.
    var isClosure: Bool {
        switch self {
        case .truncated, .broken: true
        case .unreachable, .proxy, .tls, .exhausted, .malformed, .uninvitedSwitch, .timedOut, .unreadableBody,
            .clientGone:
            false
        }
    }
}
