/// The origin of the numbers in a usage record.
package enum Exactness: String, Hashable, Sendable, CaseIterable {
    /// The upstream stated them, or nothing was used.
    case exact
    /// The upstream did not state them: the gateway counted.
    case estimated
    /// The response broke off: counted up to that point.
    case interrupted
}
