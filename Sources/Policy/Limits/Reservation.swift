import Bytes

/// What a request under way holds of its limits. Whoever has it settles it, once, with `Limiter.settle`: there is no other way
/// to be rid of it.
///
/// One that is forgotten stops a debug build. A release build goes on, and what it holds stays taken until the windows end.
package struct Reservation: ~Copyable, Sendable {
    /// The scopes, as places in the limiter's table.
    let key: Int
    let team: Int?
    /// The windows in which it was made.
    let windows: CurrentWindows.Numbers
    /// What it holds.
    var held: LimitAmounts
    /// Where its charges end in each scope's buckets.
    var positions: Positions
    /// The tokens of the charge that ends at `positions`: those of the last extension, where there was one.
    var chargedLast: Int64
    /// Nano-euros of an output token, the dearest kind.
    let outputPrice: Int64

    /// The output tokens that were admitted.
    package var outputTokens: Int64 { held.outputTokens }
    /// Whether the request has no bound of its own: its stream extends the reservation as it goes.
    package let isOpen: Bool
    /// What is to happen when an open one cannot be extended.
    package let overrun: Tier.Overrun
    /// The bound to write into the request for each choice; nil to leave it as it is.
    package let writtenBound: Int64?
    /// Where the caller stands, this request counted.
    package let rates: RateLimits

    /// Ends of the charges in the buckets of key, team and account.
    struct Positions: Sendable {
        struct Ends: Sendable {
            var requests: UInt64 = 0
            var tokens: UInt64 = 0
        }
        var key = Ends()
        var team = Ends()
        var account = Ends()
    }

    /// Gives the hold back. For the limiter alone.
    consuming func release() { discard self }

    deinit { assertionFailure("a reservation was forgotten: it has to be settled with Limiter.settle") }
}

/// Where a caller stands, for the headers `x-ratelimit-…`: the tightest limit of each kind.
package struct RateLimits: Sendable, Equatable {
    /// One limit.
    package struct Rate: Sendable, Equatable {
        /// What it is.
        package var limit: Int64
        /// What is left of it.
        package var remaining: Int64
        /// Microseconds until it is whole again.
        package var reset: Int64
    }

    /// Of requests; nil where they are not limited.
    package var requests: Rate?
    /// Of tokens; nil where they are not limited.
    package var tokens: Rate?

    mutating func addRequests(limit: Int64, remaining: Int64, reset: @autoclosure () -> Int64) {
        Self.take(&requests, limit, remaining, reset)
    }

    mutating func addTokens(limit: Int64, remaining: Int64, reset: @autoclosure () -> Int64) {
        Self.take(&tokens, limit, remaining, reset)
    }

    /// The tighter one stays: that which has less left, and of equals that which lasts longer. Resets are divisions, so they are
    /// only worked out where they are needed.
    private static func take(_ known: inout Rate?, _ limit: Int64, _ remaining: Int64, _ reset: () -> Int64) {
        if let known, known.remaining < remaining { return }
        let rate = Rate(limit: limit, remaining: remaining, reset: reset())
        if let other = known, other.remaining == remaining, other.reset >= rate.reset { return }
        known = rate
    }
}

/// Why limits do not admit a request. Nothing was used up, in no scope.
package struct LimitRefusal: Error, Sendable, Equatable {
    /// What the caller can do.
    package enum Remedy: Sendable, Equatable {
        /// Wait so many microseconds: then it is admitted, if nothing else has been by then.
        case wait(microseconds: Int64)
        /// Wait for requests under way to end: what they do not use is free then, and nobody knows when.
        case waitForOthers
        /// Ask for less: it is more than the whole limit.
        case askForLess
    }

    /// Whose limit it is.
    package var scope: LimitScope
    /// Which limit.
    package var kind: LimitKind
    /// How much it allows.
    package var limit: Int64
    /// How much of it was used; for requests at one time how many there are.
    package var used: Int64
    /// How much of it requests under way hold.
    package var reserved: Int64
    /// How much was asked for.
    package var asked: Int64
    /// What to do.
    package var remedy: Remedy
    /// Whether there is room, but only as much as other keys' shares of the account.
    package var isShare = false
    /// Where the caller stands.
    package var rates = RateLimits()
}

/// What a request came to.
package enum LimitOutcome: Sendable, Equatable {
    /// It used so much.
    case used(LimitAmounts)
    /// It failed and is not billed: everything is given back.
    case nothing

    /// The outcome of the request of `record`: everything is given back where the upstream did not answer with success and
    /// nothing is billed.
    package init(_ record: UsageRecord) {
        let amounts = LimitAmounts(record)
        let succeeded = (200..<300).contains(record.status) || record.status == 101
        self = succeeded || amounts != LimitAmounts() ? .used(amounts) : .nothing
    }
}

/// One limit as it stands, for `propylon limits` and the admin API.
package struct LimitState: Sendable, Equatable {
    /// Whose.
    package var scope: LimitScope
    /// The tier that says so.
    package var tier: String
    /// Which.
    package var kind: LimitKind
    /// How much it allows, in tokens, requests or nano-euros.
    package var limit: Int64
    /// How much is used.
    package var used: Int64
    /// How much requests under way hold beside.
    package var reserved: Int64
    /// The window, in seconds since 1970; nil for limits a minute and of requests at one time.
    package var window: Range<Int64>?

    /// How much is left.
    package var left: Int64 { max(0, limit - used.addingSaturated(reserved)) }
}

/// A percentage of a limit that was reached, told once a window.
package struct LimitAlert: Sendable, Equatable {
    /// The key's public id, the team's name, or `account`.
    package var subject: String
    /// Whose limit it is.
    package var scope: LimitScope
    /// Which limit.
    package var kind: LimitKind
    /// The percentage.
    package var percent: Int
    /// What the limit allows.
    package var limit: Int64
    /// What is used of it.
    package var used: Int64
    /// The window, in seconds since 1970.
    package var window: Range<Int64>
}
