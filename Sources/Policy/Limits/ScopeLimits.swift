import Bytes

/// The limits of all scopes of one request, as far as they bound its output. Numbers alone: references to the limits of each scope
/// would be counted at every request.
struct ScopeLimits {
    /// The output tokens that a request without a bound reserves for each choice: its key's.
    let outputReservation: Int64
    /// The action for a stream that exceeds its reservation: its key's.
    let overrun: Tier.Overrun
    /// True where tokens or money are limited, of any scope.
    private(set) var limitsOutput = false
    /// The most output tokens that all of them allow for one request; nil without a limit.
    private(set) var maxOutputTokens: Int64?
    /// The least limit of output tokens.
    private var leastOutput: Int64?
    /// The least limit of input and output tokens together.
    private var leastTokens: Int64?

    /// The limits of a key; those of its other scopes are added.
    init(key: TierLimits) {
        outputReservation = key.outputReservation
        overrun = key.overrun
        add(key)
    }

    /// Adds the limits of a further scope.
    mutating func add(_ limits: TierLimits) {
        limitsOutput = limitsOutput || limits.limitsOutput
        Self.keepLess(&maxOutputTokens, limits.maxOutputTokens)
        Self.keepLess(&leastOutput, limits.leastOutput)
        Self.keepLess(&leastTokens, limits.leastTokens)
    }

    /// The most output tokens that any request with `input` input tokens can have; nil without a limit of tokens.
    func largestOutput(withInput input: Int64) -> Int64? {
        guard let leastTokens else { return leastOutput }
        let left = max(0, leastTokens.subtractingSaturated(input))
        return min(left, leastOutput ?? left)
    }

    private static func keepLess(_ known: inout Int64?, _ other: Int64?) {
        if let other { known = min(known ?? other, other) }
    }
}
