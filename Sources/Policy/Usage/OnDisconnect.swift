/// Handling of a response whose client has disconnected.
package enum OnDisconnect: String, Sendable, CaseIterable {
    /// Close the upstream connection at once and estimate the usage.
    case cancel
    /// Read the response to its end, within bounds, so that its usage is exact.
    case finish
}
