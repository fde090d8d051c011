import Policy

/// Receives warnings about usage that is not billed as it should be. Called on the loops: an implementation does not block.
package protocol UsageWarnings: Sendable {
    /// Reports a service that was used without its own price.
    func hasNoPrice(_ missing: MissingPrice)

    /// Reports that a response of `endpoint` states usage without the counts that the endpoint is billed by, so that it was
    /// estimated.
    func hasUnreadUsage(_ endpoint: String)
}
