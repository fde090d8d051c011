import Policy

/// Receives alerts for the administrator. Called on the loops: an implementation does not block.
package protocol AlertSink: Sendable {
    /// Reports that a limit is used up to a percentage of its tier's `alert_at`. Called once a window.
    func reached(_ alert: LimitAlert)

    /// Reports a service that was used without its own price.
    func hasNoPrice(_ missing: MissingPrice)

    /// Reports that a response of `endpoint` states usage without the counts that the endpoint is billed by, so that it was
    /// estimated.
    func hasUnreadUsage(_ endpoint: String)
}
