import Bytes
import Clocks

/// Everything that is used of one scope's limits: a key's, a team's or the account's. It is kept whether or not there is a limit,
/// so that one that comes later knows what was used.
struct ScopeUsage: Sendable {
    /// The key's public id, the team's name, or `account`.
    let name: String
    /// Whether it is a team's, which may have the name of a key.
    let isTeam: Bool
    /// The limits that held at the last look; nil for a scope without any.
    var limits: TierLimits?
    var requests = RateBucket()
    var tokens = RateBucket()
    /// Tokens that requests under way have charged to `tokens`.
    var tokensInFlight: Int64 = 0
    var hourOutput = WindowUsage()
    var dayOutput = WindowUsage()
    var dayCost = WindowUsage()
    var monthCost = WindowUsage()
    /// Requests under way.
    var inFlight: Int64 = 0
    /// When it asked for something last, on the steady clock; `min` where it does not stand in `FairShares`.
    var askedAt = Int64.min

    /// The use of `name`, of which there is none yet.
    init(name: String, isTeam: Bool = false, limits: TierLimits? = nil) {
        self.name = name
        self.isTeam = isTeam
        self.limits = limits
    }

    /// Goes on to `now`.
    mutating func advance(to now: Int64, _ windows: CurrentWindows) {
        requests.drain(at: now, limit: limits?.requestsPerMinute)
        tokens.drain(at: now, limit: limits?.tokensPerMinute)
        hourOutput.enter(windows.hour.number)
        dayOutput.enter(windows.day.number)
        dayCost.enter(windows.day.number)
        monthCost.enter(windows.month.number)
    }

    /// What stands in the way of a request that wants `amounts`; of several things the one that lasts longest, so that whoever
    /// waits for it finds all the others gone.
    ///
    /// - Parameters:
    ///   - isNew: whether it is a request, not a stream that goes on.
    ///   - made: the windows that it belongs to.
    func violation(
        to amounts: LimitAmounts, isNew: Bool, madeIn made: CurrentWindows.Numbers, _ windows: CurrentWindows,
        at now: LimitTime
    ) -> LimitViolation? {
        guard let limits else { return nil }
        var worst: LimitViolation?
        func take(_ violation: LimitViolation?) {
            if let violation { worst = LimitViolation.worse(worst, violation) }
        }
        if isNew {
            if let limit = limits.requestsPerMinute { take(.rate(.requestsPerMinute, requests, 1, limit, reserved: 0)) }
            if let limit = limits.concurrentRequests, inFlight >= limit {
                take(LimitViolation(.concurrentRequests, limit, used: inFlight, reserved: 0, asked: 1, .waitForOthers))
            }
        }
        if let limit = limits.tokensPerMinute, amounts.tokens > 0 {
            take(.rate(.tokensPerMinute, tokens, amounts.tokens, limit, reserved: tokensInFlight))
        }
        func take(_ kind: LimitKind, _ limit: Int64?, _ asked: Int64, _ allowance: WindowUsage, endsAt end: Int64) {
            guard let limit, asked > 0, allowance.taken.addingSaturated(asked) > limit else { return }
            let remedy: LimitRefusal.Remedy =
                if asked > limit {
                    .askForLess
                } else if allowance.used.addingSaturated(asked) <= limit {
                    .waitForOthers
                } else {
                    .wait(microseconds: max(1, end * 1_000_000 - now.wall.microseconds))
                }
            take(LimitViolation(kind, limit, used: allowance.used, reserved: allowance.reserved, asked: asked, remedy))
        }
        let output = amounts.outputTokens
        if hourOutput.window == made.hour {
            let end = windows.hour.seconds.upperBound
            take(.outputTokensPerHour, limits.outputTokensPerHour, output, hourOutput, endsAt: end)
        }
        if dayOutput.window == made.day {
            let end = windows.day.seconds.upperBound
            take(.outputTokensPerDay, limits.outputTokensPerDay, output, dayOutput, endsAt: end)
            take(.budgetPerDay, limits.budgetPerDay, amounts.cost, dayCost, endsAt: end)
        }
        if monthCost.window == made.month {
            let end = windows.month.seconds.upperBound
            take(.budgetPerMonth, limits.budgetPerMonth, amounts.cost, monthCost, endsAt: end)
        }
        return worst
    }

    /// Takes `amounts` for a request, or for a stream that goes on. Returns where the charges end.
    mutating func reserve(
        _ amounts: LimitAmounts, isNew: Bool, madeIn made: CurrentWindows.Numbers
    ) -> Reservation.Positions.Ends {
        var ends = Reservation.Positions.Ends()
        if isNew {
            ends.requests = requests.charge(1)
            inFlight += 1
        }
        ends.tokens = tokens.charge(amounts.tokens)
        tokensInFlight += amounts.tokens
        hourOutput.reserve(amounts.outputTokens, madeIn: made.hour)
        dayOutput.reserve(amounts.outputTokens, madeIn: made.day)
        dayCost.reserve(amounts.cost, madeIn: made.day)
        monthCost.reserve(amounts.cost, madeIn: made.month)
        return ends
    }

    /// Puts the facts in the place of what `reservation` held.
    mutating func settle(
        _ reservation: borrowing Reservation, _ ends: Reservation.Positions.Ends, _ outcome: LimitOutcome
    ) {
        inFlight -= 1
        let held = reservation.held
        tokensInFlight -= held.tokens
        let used: LimitAmounts
        switch outcome {
        case .used(let amounts): used = amounts
        case .nothing:
            used = LimitAmounts()
            requests.giveBack(1, of: 1, endingAt: ends.requests)
        }
        if used.tokens < held.tokens {
            tokens.giveBack(held.tokens - used.tokens, of: reservation.chargedLast, endingAt: ends.tokens)
        } else if used.tokens > held.tokens {
            _ = tokens.charge(used.tokens - held.tokens)
        }
        let made = reservation.windows
        hourOutput.settle(held.outputTokens, used: used.outputTokens, madeIn: made.hour)
        dayOutput.settle(held.outputTokens, used: used.outputTokens, madeIn: made.day)
        dayCost.settle(held.cost, used: used.cost, madeIn: made.day)
        monthCost.settle(held.cost, used: used.cost, madeIn: made.month)
    }

    /// What nobody else can have of the limit `kind`, which is one of the calendar or of requests at one time.
    func taken(of kind: LimitKind) -> Int64 {
        switch kind {
        case .outputTokensPerHour: hourOutput.taken
        case .outputTokensPerDay: dayOutput.taken
        case .budgetPerDay: dayCost.taken
        case .budgetPerMonth: monthCost.taken
        case .concurrentRequests: inFlight
        case .requestsPerMinute, .tokensPerMinute, .maxOutputTokens: 0
        }
    }

    /// Adds to `rates` where the scope stands.
    func addRates(to rates: inout RateLimits, _ windows: CurrentWindows, at now: LimitTime) {
        guard let limits else { return }
        if let limit = limits.requestsPerMinute {
            rates.addRequests(
                limit: limit, remaining: max(0, limit - requests.used), reset: requests.waitUntilEmpty(limit: limit))
        }
        if let limit = limits.tokensPerMinute {
            rates.addTokens(
                limit: limit, remaining: max(0, limit - tokens.used), reset: tokens.waitUntilEmpty(limit: limit))
        }
        func add(_ limit: Int64?, _ allowance: WindowUsage, endsAt end: Int64) {
            guard let limit else { return }
            rates.addTokens(
                limit: limit, remaining: max(0, limit - allowance.taken),
                reset: max(0, end * 1_000_000 - now.wall.microseconds))
        }
        add(limits.outputTokensPerHour, hourOutput, endsAt: windows.hour.seconds.upperBound)
        add(limits.outputTokensPerDay, dayOutput, endsAt: windows.day.seconds.upperBound)
    }

    /// Tells `body` of every limit.
    func forEachLimit(
        _ windows: CurrentWindows,
        _ body: (LimitKind, _ limit: Int64, _ used: Int64, _ reserved: Int64, _ window: Range<Int64>?) -> Void
    ) {
        guard let limits else { return }
        if let limit = limits.requestsPerMinute { body(.requestsPerMinute, limit, requests.used, 0, nil) }
        if let limit = limits.tokensPerMinute {
            let reserved = min(tokens.used, tokensInFlight)
            body(.tokensPerMinute, limit, tokens.used - reserved, reserved, nil)
        }
        func tell(_ kind: LimitKind, _ limit: Int64?, _ allowance: WindowUsage, _ window: CurrentWindows.Window) {
            if let limit { body(kind, limit, allowance.used, allowance.reserved, window.seconds) }
        }
        tell(.outputTokensPerHour, limits.outputTokensPerHour, hourOutput, windows.hour)
        tell(.outputTokensPerDay, limits.outputTokensPerDay, dayOutput, windows.day)
        tell(.budgetPerDay, limits.budgetPerDay, dayCost, windows.day)
        tell(.budgetPerMonth, limits.budgetPerMonth, monthCost, windows.month)
        if let limit = limits.concurrentRequests { body(.concurrentRequests, limit, inFlight, 0, nil) }
    }

    /// Tells `body` of every percentage that was newly reached, of each limit the highest.
    mutating func forEachAlert(
        _ windows: CurrentWindows,
        _ body: (LimitKind, _ percent: Int, _ limit: Int64, _ used: Int64, _ window: Range<Int64>) -> Void
    ) {
        guard let limits, !limits.alertAt.isEmpty else { return }
        let thresholds = limits.alertAt
        if let limit = limits.outputTokensPerHour, let percent = hourOutput.alert(limit: limit, thresholds: thresholds)
        {
            body(.outputTokensPerHour, percent, limit, hourOutput.used, windows.hour.seconds)
        }
        if let limit = limits.outputTokensPerDay, let percent = dayOutput.alert(limit: limit, thresholds: thresholds) {
            body(.outputTokensPerDay, percent, limit, dayOutput.used, windows.day.seconds)
        }
        if let limit = limits.budgetPerDay, let percent = dayCost.alert(limit: limit, thresholds: thresholds) {
            body(.budgetPerDay, percent, limit, dayCost.used, windows.day.seconds)
        }
        if let limit = limits.budgetPerMonth, let percent = monthCost.alert(limit: limit, thresholds: thresholds) {
            body(.budgetPerMonth, percent, limit, monthCost.used, windows.month.seconds)
        }
    }
}

/// A limit that a request does not fit under.
struct LimitViolation {
    let kind: LimitKind
    let limit: Int64
    let used: Int64
    let reserved: Int64
    let asked: Int64
    let remedy: LimitRefusal.Remedy

    init(
        _ kind: LimitKind, _ limit: Int64, used: Int64, reserved: Int64, asked: Int64, _ remedy: LimitRefusal.Remedy
    ) {
        self.kind = kind
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.asked = asked
        self.remedy = remedy
    }

    /// What `bucket` has against `asked` units.
    static func rate(_ kind: LimitKind, _ bucket: RateBucket, _ asked: Int64, _ limit: Int64, reserved: Int64)
        -> LimitViolation?
    {
        let wait = bucket.wait(for: asked, limit: limit)
        guard wait > 0 || asked > limit else { return nil }
        let held = min(bucket.used, reserved)
        return LimitViolation(
            kind, limit, used: bucket.used - held, reserved: held, asked: asked,
            asked > limit ? .askForLess : .wait(microseconds: wait))
    }

    /// The one that lasts longer.
    static func worse(_ left: LimitViolation?, _ right: LimitViolation) -> LimitViolation {
        guard let left else { return right }
        return left.severity >= right.severity ? left : right
    }

    var severity: Int64 {
        switch remedy {
        case .askForLess: .max
        case .wait(let microseconds): microseconds
        case .waitForOthers: 0
        }
    }
}
