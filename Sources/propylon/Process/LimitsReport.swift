import Clocks
import Policy

/// The usage of limits, in the JSON of `/admin/v1/limits`.
struct LimitsReport: Codable, Equatable {
    /// One limit. Amounts are whole numbers of requests or tokens, or decimal numbers of EUR.
    struct Limit: Codable, Equatable {
        /// `key`, `team` or `account`.
        var scope: String
        /// The key's id or the team's name; nil for the account.
        var subject: String?
        var tier: String
        /// The name of the limit in the configuration.
        var limit: String
        var allowed: String
        var used: String
        var reserved: String
        var left: String
        /// The window in UTC, for limits of the calendar.
        var windowStart: String?
        var windowEnd: String?

        enum CodingKeys: String, CodingKey {
            case scope, subject, tier, limit, allowed, used, reserved, left
            case windowStart = "window_start"
            case windowEnd = "window_end"
        }

        init(_ state: LimitState, key: KeyRecord) {
            scope = state.scope.name
            switch state.scope {
            case .key: subject = key.id
            case .team(let name): subject = name
            case .account: subject = nil
            }
            tier = state.tier
            limit = state.kind.rawValue
            allowed = state.kind.decimal(state.limit)
            used = state.kind.decimal(state.used)
            reserved = state.kind.decimal(state.reserved)
            left = state.kind.decimal(state.left)
            windowStart = state.window.map { Timestamp(seconds: $0.lowerBound).utcText }
            windowEnd = state.window.map { Timestamp(seconds: $0.upperBound).utcText }
        }
    }

    var limits: [Limit]

    var json: [UInt8] { ReportJSON.encode(self) }

    /// The report as a table, with times in the zone of `time`.
    func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        guard !limits.isEmpty else { return "No limit applies.\n" }
        var table = TextTable([
            ("WHOSE", .left), ("TIER", .left), ("LIMIT", .left), ("ALLOWED", .right), ("USED", .right),
            ("RESERVED", .right), ("LEFT", .right), ("FROM", .left), ("UNTIL", .left),
        ])
        for limit in limits {
            let window = [limit.windowStart, limit.windowEnd]
            var local: [String] = []
            for moment in window {
                local.append(
                    try moment.map { text throws(TimeText.Problem) in time.string(try time.moment(text)) } ?? "-")
            }
            table.add(
                [
                    ([limit.scope] + (limit.subject.map { [$0] } ?? [])).joined(separator: " "), limit.tier,
                    limit.limit, limit.allowed, limit.used, limit.reserved, limit.left,
                ] + local)
        }
        return table.text
    }
}

extension LimitKind {
    /// An amount without its unit: a whole number, or a decimal number of EUR.
    func decimal(_ amount: Int64) -> String { isMoney ? NanoEuros(amount).decimal : String(amount) }
}
