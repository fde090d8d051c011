import Bytes

/// The state of one limit, for `propylon limits` and the admin API.
package struct LimitState: Sendable, Equatable {
    /// The owner of the limit.
    package var scope: LimitScope
    /// The part of the owner's requests that it is for; nil for all of them.
    package var part: LimitPart?
    /// The tier that sets the limit.
    package var tier: String
    /// The limit.
    package var kind: LimitKind
    /// The amount that it allows, in the unit of `kind`.
    package var limit: Int64
    /// The amount in use.
    package var used: Int64
    /// The amount that requests in flight hold as well.
    package var reserved: Int64
    /// The window, in seconds since 1970; nil for limits per minute, of concurrent requests, and of all time.
    package var window: Range<Int64>?

    /// The amount that is left.
    package var left: Int64 { max(0, limit.subtractingSaturated(used.addingSaturated(reserved))) }
}
