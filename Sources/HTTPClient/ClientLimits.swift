/// Timeouts and bounds of a client.
package struct ClientLimits: Sendable {
    /// Time from the lookup of the host's name to the end of the TLS handshake. Also the wait for a free connection.
    package var connectTimeout = Duration.seconds(5)
    /// Time from the request's last byte to the end of the response's head. Sinks may count on to a first event.
    package var firstByteTimeout = Duration.seconds(300)
    /// Silence within a response's body, or without progress in sending. A body has no timeout in total: a stream may last
    /// for hours.
    package var idleTimeout = Duration.seconds(300)
    /// Time for which a client that has closed its sending half is not probed: a response that comes meanwhile is untouched.
    package var probeGrace = Duration.milliseconds(200)
    /// Time for which an idle connection is kept.
    package var keepAlive = Duration.seconds(30)
    /// Age at which a connection is not used again, so that changes of the server's name are followed under steady load.
    package var maximumAge = Duration.seconds(300)
    /// Repetitions of an attempt to connect that failed, within a budget (`RetryBudget`).
    package var retries = 2
    /// Bytes of a response's head.
    package var headerBytes = 64 * 1024

    /// The default limits.
    package init() {}
}
