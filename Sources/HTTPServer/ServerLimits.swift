/// Bounds on what clients can make the process hold.
package struct ServerLimits: Sendable {
    /// Bytes of a request's head.
    package var headerBytes = 32 * 1024
    /// Open connections. One more is refused with the handler's response to `ServerFault.tooManyConnections`.
    package var connections = 8192
    /// Time from a head's first byte to its last, and from a connection's start to its first byte.
    package var headerTimeout = Duration.seconds(10)
    /// Time without progress in reading a body or in sending a response.
    package var bodyTimeout = Duration.seconds(60)
    /// Silence between two requests.
    package var idleTimeout = Duration.seconds(75)

    /// The default limits.
    package init() {}
}
