import Policy

/// Receives what the administrator should know. Called from the loops: must not block.
package protocol AlertSink: Sendable {
    /// `alert` was reached just now, once in its window: a limit is used up to a percentage that its tier wants to be told of.
    func reached(_ alert: LimitAlert)

    /// A request to `model` was billed at the default price: neither the vendor's list nor the configuration knows another.
    func hasNoPrice(_ model: String)
}
