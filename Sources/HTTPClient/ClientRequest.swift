import HTTP1
import Transport

/// Where requests go.
package struct Origin: Hashable, Sendable {
    /// A name or an address in figures; an IPv6 address without brackets.
    package let host: String
    package let port: UInt16
    /// Whether the connection is under TLS, verified for `host`.
    package let isSecure: Bool

    /// The server at `host` and `port`.
    package init(host: String, port: UInt16, isSecure: Bool) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }
}

/// A body that is not in memory. Read on the loop, at any offset, more than once where a request is repeated.
package protocol StoredBody: AnyObject {
    /// Bytes of the whole body.
    var length: Int { get }

    /// Fills `buffer` from `offset` on; fewer bytes only at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
}

/// A whole request, ready to be sent, if need be twice.
package final class ClientRequest {
    /// The request's body. Its length is stated in the head.
    package enum Body {
        case none
        case bytes([UInt8])
        case stored(any StoredBody)
    }

    /// The head as it goes out, the empty line included.
    package let head: [UInt8]
    package let body: Body
    /// Whether the method is HEAD, whose answer has no body.
    package let isHEAD: Bool
    /// Whether sending it twice does what sending it once does (RFC 9110, section 9.2.2).
    package let isIdempotent: Bool
    /// For whom it is sent: watched while the answer is waited for.
    package let caller: Socket?
    /// Whether the exchange goes on when `caller` has closed its sending half.
    package let outlivesClient: Bool
    /// True where a byte of the request may have reached the server, and may have been acted upon.
    package internal(set) var wasSent = false

    /// A request of `head` and `body`.
    package init(
        head: [UInt8], body: Body, isHEAD: Bool = false, isIdempotent: Bool, caller: Socket? = nil,
        outlivesClient: Bool = false
    ) {
        self.head = head
        self.body = body
        self.isHEAD = isHEAD
        self.isIdempotent = isIdempotent
        self.caller = caller
        self.outlivesClient = outlivesClient
    }
}

/// What a client allows.
package struct ClientLimits: Sendable {
    /// From the look-up of the host's name to the end of the TLS handshake; also for a connection to become free.
    package var connectTimeout = Duration.seconds(5)
    /// From the request's last byte to the answer's first.
    package var firstByteTimeout = Duration.seconds(300)
    /// Of silence in mid-answer, and in sending.
    package var idleTimeout = Duration.seconds(120)
    /// For how long an unused connection is kept.
    package var keepAlive = Duration.seconds(30)
    /// Connections at one time, of this client.
    package var connections = 256
    /// How often a connection is tried again that did not come about.
    package var retries = 2
    /// Bytes of an answer's head.
    package var headerBytes = 64 * 1024

    /// The defaults of `INTERFACE.md`.
    package init() {}
}

/// Why there is no answer, or no whole one. Indirect, so that a task that waits keeps no room for it.
package indirect enum ClientError: Error, Sendable, Equatable {
    /// No connection came about; nothing was sent.
    case unreachable(ConnectError)
    /// The server's TLS is not to be trusted, or failed.
    case tls(TLSError)
    /// All connections are in use, and none became free in time.
    case exhausted
    /// The connection broke before the end of the answer.
    case broken(SystemError)
    /// The server closed the connection before the end of the answer.
    case truncated
    /// The server's bytes are not HTTP/1.1.
    case malformed(HTTP1Error)
    /// The server was silent for too long.
    case timedOut
    /// The stored body could not be read.
    case unreadableBody(SystemError)
    /// The caller went away first, or was called off.
    case clientGone

    init(_ error: StreamError) {
        switch error {
        case .broken(let error): self = .broken(error)
        case .tls(.closed): self = .truncated
        case .tls(let error): self = .tls(error)
        case .timedOut: self = .timedOut
        }
    }
}
