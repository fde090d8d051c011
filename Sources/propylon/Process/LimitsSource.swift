import Clocks
import Foundation
import Gateway
import Policy
import Settings
import Store

extension LimitRules {
    /// The limits of `configuration`, whose time zone is known for the next ten years.
    init(_ configuration: Configuration) {
        let now = Timestamp.now.seconds
        self.init(
            configuration.policies, accountTier: configuration.upstream.tier,
            zone: ZoneOffsets(of: configuration.timeZone, from: now - 40 * 86_400, to: now + 3660 * 86_400))
    }
}

extension Limiter {
    /// Adds what the ledger knows of the past.
    func restore(from database: LedgerDatabase, keys: KeySnapshot) throws(LedgerError) {
        let now = SystemTime().limitTime
        restore(try database.limitHistory(historySpan(at: now)), keys: keys, at: now)
    }
}

/// Says what is used of all limits.
struct LimitsSource: Sendable {
    let limiter: Limiter
    let keys: any KeyDirectory

    /// The limits of the key `id`, or without one of all usable keys; nil where there is no such key.
    func report(of id: String?, at now: LimitTime) -> LimitsReport? {
        let keys = keys.keys
        if let id {
            guard let key = keys[id] else { return nil }
            return LimitsReport(limits: limits(of: key, at: now))
        }
        var limits: [LimitsReport.Limit] = []
        for key in keys.records where key.revokedAt == nil {
            // A team's limits, and the account's, are those of all its keys: told once.
            for limit in self.limits(of: key, at: now) where limit.scope == "key" || !limits.contains(limit) {
                limits.append(limit)
            }
        }
        return LimitsReport(limits: limits)
    }

    private func limits(of key: KeyRecord, at now: LimitTime) -> [LimitsReport.Limit] {
        limiter.states(of: key, at: now).map { LimitsReport.Limit($0, key: key) }
    }
}

/// What is used of limits as JSON, both ways.
struct LimitsReport: Codable {
    /// One limit. Amounts are whole numbers of requests or tokens, or decimal numbers of EUR.
    struct Limit: Codable, Equatable {
        /// `key`, `team` or `account`.
        var scope: String
        /// The key's id or the team's name.
        var subject: String?
        var tier: String
        /// As the configuration names it.
        var limit: String
        var allowed: String
        var used: String
        var reserved: String
        var left: String
        /// The window, in UTC; for limits of the calendar.
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
            let text = state.kind.text
            tier = state.tier
            limit = state.kind.rawValue
            allowed = text(state.limit)
            used = text(state.used)
            reserved = text(state.reserved)
            left = text(state.left)
            windowStart = state.window.map { Timestamp(seconds: $0.lowerBound).utcText }
            windowEnd = state.window.map { Timestamp(seconds: $0.upperBound).utcText }
        }
    }

    var limits: [Limit]

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { Array($0) } ?? []
    }
}

extension LimitKind {
    /// Requests and tokens as they are, money as a decimal number of EUR.
    func text(_ amount: Int64) -> String { isMoney ? NanoEuros(amount).decimal : String(amount) }
}
