import HTTP1

/// Reason for which the server refuses a connection before there is a request for the handler.
package enum ServerFault: Sendable {
    /// The bytes are not HTTP/1.1 that this server understands.
    case malformed(HTTP1Error)
    /// The head was not complete within `ServerLimits.headerTimeout`.
    case headTimeout
    /// `ServerLimits.connections` are open already.
    case tooManyConnections
}
