import Bytes
import Policy

/// One row of a usage report: the requests that have these values in common, added up. No sum overflows, it stops at the
/// largest number.
package struct UsageRow: Sendable, Equatable {
    /// One value that the requests of a row have in common.
    package struct Group: Sendable, Hashable {
        /// Which value it is.
        package let grouping: UsageGrouping
        /// The value as text; nil where the requests have none (no team, no user, no model).
        ///
        /// An hour is its beginning with the offset then in force (`2026-10-25T02:00+01:00`: the two hours of that name
        /// are two rows), a day `2026-10-25`, a month `2026-10`, a status `200`.
        package let value: String?

        /// The value `value` of `grouping`.
        package init(_ grouping: UsageGrouping, _ value: String?) {
            self.grouping = grouping
            self.value = value
        }
    }

    /// The common values, in the order asked for.
    package var groups: [Group]
    /// The name of the key, where the report is grouped by key and the key is still known.
    package var keyName: String?
    /// How many requests, refused ones too.
    package var requests: Int64 = 0
    /// Input, output, reasoning and cached tokens and all other units.
    package var units = BillableUnits()
    /// What they cost.
    package var cost = NanoEuros.zero
    /// The energy of their input and output tokens, in milliwatt-hours, by the report's table; models that are not in it
    /// add nothing.
    package var milliwattHours: Int64 = 0
    /// Requests whose numbers are not the upstream's own: estimated or interrupted.
    package var estimatedRequests: Int64 = 0
    /// Requests that failed: a status of 400 or more, or an answer that the caller did not get whole.
    package var errors: Int64 = 0

    /// A row with nothing added up yet.
    package init(groups: [Group]) { self.groups = groups }

    /// The value of `grouping`, nil where there is none or the report is not grouped by it.
    package subscript(grouping: UsageGrouping) -> String? {
        groups.first { $0.grouping == grouping }?.value
    }

    /// Adds what `other` has added up, whatever its groups are.
    package mutating func add(_ other: UsageRow) {
        requests = requests.addingSaturated(other.requests)
        units.inputTokens = units.inputTokens.addingSaturated(other.units.inputTokens)
        units.outputTokens = units.outputTokens.addingSaturated(other.units.outputTokens)
        units.reasoningTokens = units.reasoningTokens.addingSaturated(other.units.reasoningTokens)
        units.cachedTokens = units.cachedTokens.addingSaturated(other.units.cachedTokens)
        units.audioMinutes = units.audioMinutes.addingSaturated(other.units.audioMinutes)
        units.characters = units.characters.addingSaturated(other.units.characters)
        units.images = units.images.addingSaturated(other.units.images)
        units.searchUnits = units.searchUnits.addingSaturated(other.units.searchUnits)
        cost = NanoEuros(cost.amount.addingSaturated(other.cost.amount))
        milliwattHours = milliwattHours.addingSaturated(other.milliwattHours)
        estimatedRequests = estimatedRequests.addingSaturated(other.estimatedRequests)
        errors = errors.addingSaturated(other.errors)
    }
}
