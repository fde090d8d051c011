import Bytes
import Clocks
import Policy

/// A correction of costs, with its trace: who made it, when, why, and the costs before and after it.
package struct Correction: Sendable, Hashable {
    /// The reason for which costs change; the raw value is stored.
    package enum Kind: String, Sendable, CaseIterable {
        /// An amount that a key got back, or with the other sign was charged.
        case credit
        /// Other prices of past requests.
        case reprice
    }

    /// The kind.
    package var kind: Kind
    /// The time of the command.
    package var madeAt: Timestamp
    /// The user of the operating system who made it.
    package var madeBy: String
    /// The reason, in the words of that user.
    package var reason: String
    /// The public id of the key.
    package var keyID: String
    /// The team at that time.
    package var team: String?
    /// The requests that changed; 0 for a credit.
    package var requests: Int64
    /// The sum of their costs before.
    package var before: NanoEuros
    /// The sum after. A credit of 5 EUR has 0 before and -5 after.
    package var after: NanoEuros

    /// The most bytes of UTF-8 of a reason.
    package static let reasonLimit = 500

    /// The change of cost, saturated.
    package var change: NanoEuros { NanoEuros(after.amount.subtractingSaturated(before.amount)) }
}
