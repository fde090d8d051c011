/// The use of limits, as `/admin/v1/limits` and `propylon limits` show it.
package struct LimitsReport: Codable, Equatable, Sendable {
    /// One limit. Amounts are whole numbers of requests or tokens, or decimal numbers of EUR.
    package struct Limit: Codable, Equatable, Sendable {
        /// `key`, `team` or `account`.
        package var scope: String
        /// The key's id or the team's name; nil for the account.
        package var subject: String?
        /// The key's name; nil for the limit of a team or the account.
        package var name: String?
        /// The models that it is for, as the configuration names them; nil for all.
        package var model: String?
        /// The user that it is for, empty for requests that name none; nil for all.
        package var user: String?
        package var tier: String
        /// The limit's name in the configuration.
        package var limit: String
        package var allowed: String
        package var used: String
        /// The amount that requests in flight have reserved.
        package var reserved: String
        package var left: String
        /// The part of `allowed` that is used or reserved, in percent; more than 100 where a limit has been exceeded.
        package var percent: Int
        /// The start of a calendar limit's window in UTC; nil for other limits.
        package var windowStart: String?
        /// The end of a calendar limit's window in UTC; nil for other limits.
        package var windowEnd: String?

        private enum CodingKeys: String, CodingKey {
            case scope, subject, name, model, user, tier, limit, allowed, used, reserved, left, percent
            case windowStart = "window_start"
            case windowEnd = "window_end"
        }

        /// A limit of these members.
        package init(
            scope: String, subject: String?, name: String? = nil, model: String? = nil, user: String? = nil,
            tier: String,
            limit: String, allowed: String, used: String, reserved: String, left: String, percent: Int,
            windowStart: String? = nil, windowEnd: String? = nil
        ) {
            self.scope = scope
            self.subject = subject
            self.name = name
            self.model = model
            self.user = user
            self.tier = tier
            self.limit = limit
            self.allowed = allowed
            self.used = used
            self.reserved = reserved
            self.left = left
            self.percent = percent
            self.windowStart = windowStart
            self.windowEnd = windowEnd
        }
    }

    package var limits: [Limit]
    /// The number of limits of which `limits` are the tightest.
    package var total: Int

    /// A report of `limits`, the tightest of `total`.
    package init(limits: [Limit], total: Int) {
        self.limits = limits
        self.total = total
    }

    /// Which limits of all keys a report has.
    package struct Query: Sendable {
        /// The percent of which at least so much is used or reserved.
        package var above: Int
        /// The most limits, at least 1.
        package var top: Int

        /// A query with the values of one that asks for nothing else.
        package init(above: Int = 0, top: Int = 1000) {
            self.above = above
            self.top = top
        }
    }
}

/// The source of the limits page.
package protocol LimitsReporting: Sendable {
    /// The limits of all keys that are not revoked, the tightest first, as far as `query` asks for them.
    func limits(_ query: LimitsReport.Query) -> LimitsReport

    /// The limits of the key with this id, or of the only one with this name. Blocks for a short read.
    /// - Throws: the refusal where there is no such key, or more than one.
    func limits(ofKey idOrName: String) throws(AdminProblem) -> LimitsReport
}
