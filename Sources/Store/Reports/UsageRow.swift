import Bytes
import Policy

/// A row of a usage report: the sums over requests with common values. A sum stops at the largest number.
package struct UsageRow: Sendable, Equatable {
    /// A common value of the requests of a row.
    package struct Group: Sendable, Hashable {
        /// The kind of the value.
        package let grouping: UsageGrouping
        /// The value as text; nil for requests without one (no team, no user, no model).
        ///
        /// An hour is its start with the offset then in force, `2026-10-25T02:00+01:00`: two hours of one name are two rows. A
        /// day is `2026-10-25`, a month `2026-10`, a status `200`.
        package let value: String?

        /// The value `value` of `grouping`.
        package init(_ grouping: UsageGrouping, _ value: String?) {
            self.grouping = grouping
            self.value = value
        }
    }

    /// The common values, in the order of the report's groupings.
    package var groups: [Group]
    /// The name of the key, if the report is grouped by key and the ledger still has the key.
    package var keyName: String?
    /// Requests, with the refused ones.
    package var requests: Int64 = 0
    /// Requests that count against limits.
    package var countedRequests: Int64 = 0
    /// Used units.
    package var units = BillableUnits()
    /// The cost.
    package var cost = NanoEuros.zero
    /// The energy of input and output tokens, in milliwatt-hours. Models that are not in the report's table add nothing.
    package var milliwattHours: Int64 = 0
    /// Requests with estimated or interrupted numbers.
    package var estimatedRequests: Int64 = 0
    /// Failed requests: a status of 400 or more, or an incomplete response.
    package var errors: Int64 = 0

    /// How fast the requests were; nil in a report without speeds.
    package var speeds: SpeedHistogram?

    /// A row of zeros.
    package init(groups: [Group]) { self.groups = groups }

    /// The value of `grouping`; nil without one, or if the report is not grouped by it.
    package subscript(grouping: UsageGrouping) -> String? {
        groups.first { $0.grouping == grouping }?.value
    }

    /// Adds the sums of `other`. The groups stay.
    package mutating func add(_ other: UsageRow) {
        requests = requests.addingSaturated(other.requests)
        countedRequests = countedRequests.addingSaturated(other.countedRequests)
        for unit in Unit.allCases { units[unit] = units[unit].addingSaturated(other.units[unit]) }
        cost = cost + other.cost
        milliwattHours = milliwattHours.addingSaturated(other.milliwattHours)
        estimatedRequests = estimatedRequests.addingSaturated(other.estimatedRequests)
        errors = errors.addingSaturated(other.errors)
        if let speeds = other.speeds { self.speeds = self.speeds.map { $0.adding(speeds) } ?? speeds }
    }
}
