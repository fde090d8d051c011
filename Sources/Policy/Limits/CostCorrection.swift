import Clocks

/// A change of the cost of usage that was counted before: a credit, or another price of requests that have ended.
package struct CostCorrection: Sendable, Equatable {
    /// The number in the ledger. A later correction has a higher one.
    package var number: Int64
    /// The time whose hour, day and longer windows it counts in.
    package var at: Timestamp
    /// The owners of the usage. Of a credit neither model nor user are known: it is for the key and its team.
    package var owner: UsageOwner
    /// The change in nano-euros; negative for less.
    package var change: Int64
    /// True where the upstream's account was charged differently, as with another price; false for a credit, which is between
    /// the gateway and its keys.
    package var concernsAccount: Bool

    /// A correction with these facts.
    package init(
        number: Int64, at: Timestamp, _ owner: UsageOwner, change: Int64, concernsAccount: Bool
    ) {
        self.number = number
        self.at = at
        self.owner = owner
        self.change = change
        self.concernsAccount = concernsAccount
    }
}
