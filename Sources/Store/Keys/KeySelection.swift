import Clocks
import GRDB
import Policy

/// Conditions on the keys of a list; nil for none. All must hold.
package struct KeySelection: Sendable, Equatable {
    /// The team.
    package var team: String?
    /// The tier.
    package var tier: String?
    /// A part of the name, letters of ASCII in any case.
    package var name: String?
    /// The state, and the time at which it is so.
    package var state: State?
    /// The time in which the key's end falls; a key that is revoked has no end any more.
    package var end: Range<Timestamp>?

    /// A state at a time.
    package struct State: Sendable, Equatable {
        let state: KeyState
        let now: Timestamp

        /// `state` at `now`.
        package init(_ state: KeyState, at now: Timestamp) {
            self.state = state
            self.now = now
        }
    }

    /// The place of a key in the list: the next page begins after it.
    package struct Place: Sendable, Equatable {
        /// The time of its creation.
        package let createdAt: Timestamp
        /// Its id.
        package let id: String

        /// The place of a key with these facts.
        package init(createdAt: Timestamp, id: String) {
            self.createdAt = createdAt
            self.id = id
        }
    }

    /// All keys.
    package init() {}

    /// The condition in SQL for keys after the one at `last`.
    func condition(after last: Place?) -> (sql: String, arguments: StatementArguments) {
        var sql = ["TRUE"]
        var arguments = StatementArguments()
        func add(_ condition: String, _ values: [(any DatabaseValueConvertible)?]) {
            sql.append(condition)
            arguments += StatementArguments(values)
        }
        if let last { add("(created_at, id) > (?, ?)", [last.createdAt.microseconds, last.id]) }
        if let team { add("team = ?", [team]) }
        if let tier { add("tier = ?", [tier]) }
        if let name { add("instr(lower(name), lower(?)) > 0", [name]) }
        if let end {
            add(
                "revoked_at IS NULL AND expires_at >= ? AND expires_at < ?",
                [end.lowerBound.microseconds, end.upperBound.microseconds])
        }
        if let state { add(Self.sql(state.state), [state.now.microseconds]) }
        return (sql.joined(separator: " AND "), arguments)
    }

    /// The condition of a state at the time that is the argument. The order is the one of `KeyRecord.state`.
    private static func sql(_ state: KeyState) -> String {
        let expired = "ifnull(expires_at <= ?, FALSE)"
        return switch state {
        case .active: "revoked_at IS NULL AND NOT \(expired) AND suspended_at IS NULL"
        case .suspended: "revoked_at IS NULL AND NOT \(expired) AND suspended_at IS NOT NULL"
        case .expired: "revoked_at IS NULL AND \(expired)"
        case .revoked: "revoked_at IS NOT NULL AND ? IS NOT NULL"
        }
    }
}
