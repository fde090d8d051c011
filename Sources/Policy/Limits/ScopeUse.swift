/// Everything that is used of one scope's limits: a key's, a team's or the account's. It is kept whether or not there is a limit,
/// so that one that comes later knows what was used.
struct ScopeUse: Sendable {
    /// The key's public id, the team's name, or `account`.
    let name: String
    /// The limits that held at the last look; nil for a scope without any.
    var limits: TierLimits?
    var requests = RateBucket()
    var tokens = RateBucket()
    /// Tokens that requests under way have charged to `tokens`.
    var tokensUnderWay: Int64 = 0
    var hour = CalendarWindow()
    var day = CalendarWindow()
    var month = CalendarWindow()
    /// Requests under way.
    var underWay: Int64 = 0
    /// When it asked for something last, on the steady clock.
    var askedAt = Int64.min
    /// Whether it stands in `FairShares`.
    var isSharing = false

    /// The use of `name`, of which there is none yet.
    init(name: String, limits: TierLimits? = nil) {
        self.name = name
        self.limits = limits
    }

    /// Goes on to `now`.
    mutating func advance(to now: Int64, _ windows: CurrentWindows) {
        requests.drain(at: now, limit: limits?.requestsPerMinute)
        tokens.drain(at: now, limit: limits?.tokensPerMinute)
        hour.enter(windows.hour.number)
        day.enter(windows.day.number)
        month.enter(windows.month.number)
    }

    /// What stands in the way of a request that wants `amounts`; of several things the one that lasts longest, so that whoever
    /// waits for it finds all the others gone.
    ///
    /// - Parameters:
    ///   - isNew: whether it is a request, not a stream that goes on.
    ///   - made: the windows that it belongs to.
    func obstacle(
        to amounts: LimitAmounts, isNew: Bool, madeIn made: CurrentWindows.Numbers, _ windows: CurrentWindows,
        at now: LimitTime
    ) -> Obstacle? {
        guard let limits else { return nil }
        var worst: Obstacle?
        func take(_ obstacle: Obstacle?) {
            if let obstacle { worst = Obstacle.worse(worst, obstacle) }
        }
        if isNew {
            if let limit = limits.requestsPerMinute { take(.rate(.requestsPerMinute, requests, 1, limit, reserved: 0)) }
            if let limit = limits.concurrentRequests, underWay >= limit {
                take(Obstacle(.concurrentRequests, limit, used: underWay, reserved: 0, asked: 1, .waitForOthers))
            }
        }
        if let limit = limits.tokensPerMinute, amounts.tokens > 0 {
            take(.rate(.tokensPerMinute, tokens, amounts.tokens, limit, reserved: tokensUnderWay))
        }
        func take(_ kind: LimitKind, _ limit: Int64?, _ asked: Int64, _ allowance: Allowance, endsAt end: Int64) {
            guard let limit, asked > 0, allowance.taken.addingWithinBounds(asked) > limit else { return }
            let remedy: LimitRefusal.Remedy =
                if asked > limit {
                    .askForLess
                } else if allowance.used.addingWithinBounds(asked) <= limit {
                    .waitForOthers
                } else {
                    .wait(microseconds: max(1, end * 1_000_000 - now.wall.microseconds))
                }
            take(Obstacle(kind, limit, used: allowance.used, reserved: allowance.reserved, asked: asked, remedy))
        }
        let output = amounts.outputTokens
        if hour.number == made.hour {
            let end = windows.hour.seconds.upperBound
            take(.outputTokensPerHour, limits.outputTokensPerHour, output, hour.output, endsAt: end)
        }
        if day.number == made.day {
            let end = windows.day.seconds.upperBound
            take(.outputTokensPerDay, limits.outputTokensPerDay, output, day.output, endsAt: end)
            take(.budgetPerDay, limits.budgetPerDay, amounts.cost, day.cost, endsAt: end)
        }
        if month.number == made.month {
            let end = windows.month.seconds.upperBound
            take(.budgetPerMonth, limits.budgetPerMonth, amounts.cost, month.cost, endsAt: end)
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
            underWay += 1
        }
        ends.tokens = tokens.charge(amounts.tokens)
        tokensUnderWay += amounts.tokens
        hour.reserve(amounts, madeIn: made.hour)
        day.reserve(amounts, madeIn: made.day)
        month.reserve(amounts, madeIn: made.month)
        return ends
    }

    /// Puts the facts in the place of what `reservation` held.
    mutating func settle(
        _ reservation: borrowing Reservation, _ ends: Reservation.Positions.Ends, _ outcome: LimitOutcome
    ) {
        underWay -= 1
        let held = reservation.held
        tokensUnderWay -= held.tokens
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
        hour.settle(held, used: used, madeIn: reservation.windows.hour)
        day.settle(held, used: used, madeIn: reservation.windows.day)
        month.settle(held, used: used, madeIn: reservation.windows.month)
    }

    /// What nobody else can have of the limit `kind`, which is one of the calendar or of requests at one time.
    func taken(of kind: LimitKind) -> Int64 {
        switch kind {
        case .outputTokensPerHour: hour.output.taken
        case .outputTokensPerDay: day.output.taken
        case .budgetPerDay: day.cost.taken
        case .budgetPerMonth: month.cost.taken
        case .concurrentRequests: underWay
        case .requestsPerMinute, .tokensPerMinute, .maxOutputTokens: 0
        }
    }

    /// Adds to `rates` where the scope stands.
    func addRates(to rates: inout RateLimits, _ windows: CurrentWindows, at now: LimitTime) {
        guard let limits else { return }
        if let limit = limits.requestsPerMinute {
            rates.addRequests(
                .init(
                    limit: limit, remaining: max(0, limit - requests.used), reset: requests.waitUntilEmpty(limit: limit)
                ))
        }
        if let limit = limits.tokensPerMinute {
            rates.addTokens(
                .init(limit: limit, remaining: max(0, limit - tokens.used), reset: tokens.waitUntilEmpty(limit: limit)))
        }
        func add(_ limit: Int64?, _ allowance: Allowance, endsAt end: Int64) {
            guard let limit else { return }
            rates.addTokens(
                .init(
                    limit: limit, remaining: max(0, limit - allowance.taken),
                    reset: max(0, end * 1_000_000 - now.wall.microseconds)))
        }
        add(limits.outputTokensPerHour, hour.output, endsAt: windows.hour.seconds.upperBound)
        add(limits.outputTokensPerDay, day.output, endsAt: windows.day.seconds.upperBound)
    }

    /// Tells `body` of every limit.
    func forEachLimit(
        _ windows: CurrentWindows,
        _ body: (LimitKind, _ limit: Int64, _ used: Int64, _ reserved: Int64, _ window: Range<Int64>?) -> Void
    ) {
        guard let limits else { return }
        if let limit = limits.requestsPerMinute { body(.requestsPerMinute, limit, requests.used, 0, nil) }
        if let limit = limits.tokensPerMinute {
            let reserved = min(tokens.used, tokensUnderWay)
            body(.tokensPerMinute, limit, tokens.used - reserved, reserved, nil)
        }
        func tell(_ kind: LimitKind, _ limit: Int64?, _ allowance: Allowance, _ window: CurrentWindows.Window) {
            if let limit { body(kind, limit, allowance.used, allowance.reserved, window.seconds) }
        }
        tell(.outputTokensPerHour, limits.outputTokensPerHour, hour.output, windows.hour)
        tell(.outputTokensPerDay, limits.outputTokensPerDay, day.output, windows.day)
        tell(.budgetPerDay, limits.budgetPerDay, day.cost, windows.day)
        tell(.budgetPerMonth, limits.budgetPerMonth, month.cost, windows.month)
        if let limit = limits.concurrentRequests { body(.concurrentRequests, limit, underWay, 0, nil) }
    }

    /// Tells `body` of every percentage that was newly reached, of each limit the highest.
    mutating func forEachAlert(
        _ windows: CurrentWindows,
        _ body: (LimitKind, _ percent: Int, _ limit: Int64, _ used: Int64, _ window: Range<Int64>) -> Void
    ) {
        guard let limits, !limits.alertAt.isEmpty else { return }
        let thresholds = limits.alertAt
        if let limit = limits.outputTokensPerHour, let percent = hour.outputAlert(limit: limit, thresholds: thresholds)
        {
            body(.outputTokensPerHour, percent, limit, hour.output.used, windows.hour.seconds)
        }
        if let limit = limits.outputTokensPerDay, let percent = day.outputAlert(limit: limit, thresholds: thresholds) {
            body(.outputTokensPerDay, percent, limit, day.output.used, windows.day.seconds)
        }
        if let limit = limits.budgetPerDay, let percent = day.costAlert(limit: limit, thresholds: thresholds) {
            body(.budgetPerDay, percent, limit, day.cost.used, windows.day.seconds)
        }
        if let limit = limits.budgetPerMonth, let percent = month.costAlert(limit: limit, thresholds: thresholds) {
            body(.budgetPerMonth, percent, limit, month.cost.used, windows.month.seconds)
        }
    }
}

/// A limit that a request does not fit under.
struct Obstacle {
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
        -> Obstacle?
    {
        let wait = bucket.wait(for: asked, limit: limit)
        guard wait > 0 || asked > limit else { return nil }
        let held = min(bucket.used, reserved)
        return Obstacle(
            kind, limit, used: bucket.used - held, reserved: held, asked: asked,
            asked > limit ? .askForLess : .wait(microseconds: wait))
    }

    /// The one that lasts longer.
    static func worse(_ left: Obstacle?, _ right: Obstacle) -> Obstacle {
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
