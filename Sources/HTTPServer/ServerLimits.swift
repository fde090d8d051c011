/// Bounds on what clients can make the process hold.
package struct ServerLimits: Sendable {
    /// Bytes of a request's head.
    package var headerBytes = 32 * 1024
    /// Open connections. One more is refused with the handler's response to `ServerFault.tooManyConnections`.
    package var connections = 8192
    /// Connections beyond `connections` that are answered at one time. While there are as many, the server accepts none:
    /// further ones wait in the system's queue and use no descriptor.
    package var refusals = 64
    /// Time from a head's first byte to its last, and from a connection's start to its first byte.
    package var headerTimeout = Duration.seconds(10)
    /// Time without progress in reading a body or in sending a response. Progress in sending is coarse: the system takes
    /// more only once a third of its send buffer is free.
    package var bodyTimeout = Duration.seconds(60)
    /// Bytes a second that a request's body has to bring on average, once `bodyTimeout` has passed since its head.
    package var bodyBytesPerSecond = 1024
    /// Silence between two requests.
    package var idleTimeout = Duration.seconds(75)

    /// The default limits.
    package init() {}
}
