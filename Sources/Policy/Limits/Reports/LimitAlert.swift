/// A percentage of a limit that was reached; given once in a window.
package struct LimitAlert: Sendable, Equatable {
    /// The key's public id, the team's name, or `account`.
    package var subject: String
    /// The owner of the limit.
    package var scope: LimitScope
    /// The part of the owner's requests that it is for; nil for all of them.
    package var part: LimitPart?
    /// The limit.
    package var kind: LimitKind
    /// The percentage.
    package var percent: Int
    /// The amount that the limit allows.
    package var limit: Int64
    /// The amount in use.
    package var used: Int64
    /// The window, in seconds since 1970; nil for all time.
    package var window: Range<Int64>?
}
