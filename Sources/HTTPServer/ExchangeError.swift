import HTTP1
import Transport

/// Reason for which an exchange, or the wait for one, cannot go on.
package enum ExchangeError: Error, Sendable, Hashable {
    /// The client's bytes are not HTTP/1.1.
    case malformed(HTTP1Error)
    /// The client sent or read nothing within the timeout.
    case timedOut
    /// The client closed the connection, or it broke, or the server ends at once.
    case clientGone

    init(_ error: StreamError) { self = error == .timedOut ? .timedOut : .clientGone }
}
