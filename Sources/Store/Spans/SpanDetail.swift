import Policy

/// What the totals of a closed span tell apart. A report reads the coarsest that has all it asks for: thousands of times fewer
/// totals than of groups.
enum SpanDetail: Int64, CaseIterable {
    /// Groups as they are.
    case groups = 0
    /// All but the key and the user.
    case shared = 1
    /// How requests ended, by hour: neither keys, users, teams nor tags.
    case operation = 2

    /// The coarsest detail that tells `groupings` apart, in spans that `division` divides no further; nil where none does.
    static func serving(_ groupings: some Sequence<UsageGrouping>, by division: ReportClock.Division) -> SpanDetail? {
        let needed = Set(groupings.filter { !$0.isOfTime })
        let details: [SpanDetail] = division == .hour ? [.operation] : [.shared, .groups]
        return details.first { needed.isDisjoint(with: $0.omitted) }
    }

    /// The groupings that are not told apart.
    private var omitted: Set<UsageGrouping> {
        switch self {
        case .groups: []
        case .shared: [.key, .user]
        case .operation: [.key, .user, .team, .tag]
        }
    }

    /// What is told apart, of groups that share it.
    struct Members: Hashable {
        private let team: String?
        private let tags: String?
        private let endpoint: String
        private let model: String?
        private let status: Int64
        private let ending: Ending?
        private let cause: Cause?
        private let refusedBy: LimitName?

        /// The members of `group` in `detail`, which is not `.groups`.
        init(_ group: UsageGroup, _ detail: SpanDetail) {
            team = detail == .operation ? nil : group.team
            tags = detail == .operation ? nil : group.tags
            endpoint = group.endpoint
            model = group.model
            status = group.status
            ending = group.ending
            cause = group.cause
            refusedBy = group.refusedBy
        }
    }
}
