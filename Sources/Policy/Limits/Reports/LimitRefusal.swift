import Bytes

/// The reason why limits do not admit a request. No scope is charged.
package struct LimitRefusal: Error, Sendable, Equatable {
    /// The way out for the client.
    package enum Remedy: Sendable, Equatable {
        /// Wait this long: the request is then admitted, if no other one is before.
        case wait(microseconds: Int64)
        /// Wait for requests in flight to end, at an unknown time. The next try is good after `pause` microseconds, which grow
        /// with the time for which the key has been refused.
        case unknown(pause: Int64)
        /// Wait for a higher limit: this one does not refill.
        case raiseLimit
        /// Ask for less: it is more than the whole limit.
        case askForLess
    }

    /// The owner of the limit.
    package var scope: LimitScope
    /// The part of the owner's requests that it is for; nil for all of them.
    package var part: LimitPart?
    /// The limit.
    package var kind: LimitKind
    /// The amount that it allows.
    package var limit: Int64
    /// The amount in use; for concurrent requests their number.
    package var used: Int64
    /// The amount that requests in flight hold.
    package var reserved: Int64
    /// The amount that was asked for.
    package var asked: Int64
    /// The way out for the client.
    package var remedy: Remedy
    /// True where the request would fit now if it asked for less output.
    package var fitsWithLessOutput = false
    /// True where there is room, but only in other keys' shares of the account.
    package var isShare = false
    /// The remaining amounts for `x-ratelimit-…`.
    package var rates = RateLimits()

    /// The amount that is left.
    package var left: Int64 { max(0, limit.subtractingSaturated(used).subtractingSaturated(reserved)) }
}
