/// Bounds of the words that clients choose, in the ledger and in limits.
package enum ClientWord {
    /// The word for all words beyond a bound.
    package static let other = "(other)"
    /// The most users of a key: in the ledger on one day, and in limits at one time.
    package static let usersOfKey = 1000
}
