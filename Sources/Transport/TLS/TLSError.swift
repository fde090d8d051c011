import Glibc

/// The reason why TLS could not be set up, or why a TLS connection is dead.
package enum TLSError: Error, Sendable, Equatable {
    /// The peer's certificate is not accepted: the reason, and the expected name.
    case certificate(String)
    /// The handshake failed for another reason, such as no common version or a peer that does not speak TLS.
    case handshake(String)
    /// A file or a setting is unusable: its name, and the fault.
    case configuration(String)
    /// The byte stream ended without `close_notify`, so what was received may be cut short (RFC 8446 section 6.1).
    case closed
    /// The socket failed; the value of `errno`.
    case system(errno: Int32)
    /// The peer broke the protocol after the handshake, or ended the connection with a fatal alert.
    case protocolViolation(String)

    /// One sentence for logs and error responses. It names hosts and files, never keys or content.
    package var message: String {
        switch self {
        case .certificate(let reason): "certificate refused: \(reason)"
        case .handshake(let reason): "TLS handshake failed: \(reason)"
        case .configuration(let reason): "TLS cannot be set up: \(reason)"
        case .closed: "the TLS connection was cut off: it ended without close_notify"
        case .system(let number):
            "the connection under TLS failed: \(String(cString: strerror(number))) (errno \(number))"
        case .protocolViolation(let reason): "TLS failed: \(reason)"
        }
    }
}
