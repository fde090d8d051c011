/// The amounts that a request in flight holds of its limits. Its owner ends it exactly once, with `Limiter.settle`.
///
/// A forgotten reservation stops a debug build. A release build continues, and the amounts stay taken until the windows end.
package struct Reservation: ~Copyable, Sendable {
    /// The scopes of its key and its team, as indices of `ScopeTable`.
    let key: Int
    let team: Int?
    /// The place of its parts in `HeldParts`.
    let parts: Int
    /// The windows in which the request was admitted.
    let windows: CurrentWindows.Numbers
    /// The amounts that are held.
    var held: LimitAmounts
    /// The positions of its charges in the buckets.
    var positions: Positions
    /// The amounts of the charges that end at `positions`: of the last extension, where there was one.
    var lastCharge: PerRateKind<Int64>
    /// What the input reserves less than a token a byte; nil where no limit counts tokens or money.
    let input: InputRatios.Hold?
    /// Nano-euros of an output token of the most expensive kind.
    let outputPrice: Int64

    /// The output tokens that were admitted.
    package var outputTokens: Int64 { held.outputTokens }
    /// True for a request without a bound: its stream extends the reservation as it runs.
    package let isOpen: Bool
    /// The action for an open reservation that cannot be extended.
    package let overrun: Tier.Overrun
    /// The bound to write into the request for each choice; nil to leave the request unchanged.
    package let writtenBound: Int64?
    /// The remaining amounts, with this request counted.
    package let rates: RateLimits

    /// Ends of the charges in the buckets of each scope.
    struct Positions: Sendable {
        var key = PerRateKind<UInt64>(repeating: 0)
        var team = PerRateKind<UInt64>(repeating: 0)
        var account = PerRateKind<UInt64>(repeating: 0)
    }

    /// Ends the reservation. For the limiter alone.
    consuming func release() { discard self }

    deinit { assertionFailure("a reservation was forgotten: settle it with Limiter.settle") }
}
