import GRDB

/// Conditions on the requests of a report. All must hold; values of one grouping are alternatives.
package struct UsageFilter: Sendable, Equatable {
    /// The groupings that can have conditions. Times are bounded by the start and the end of a report.
    package static let groupings = UsageGrouping.allCases.filter { !$0.isOfTime }

    private var values: [UsageGrouping: Set<String>] = [:]

    /// The groupings with conditions.
    var groupings: [UsageGrouping] { Array(values.keys) }

    /// No condition.
    package init() {}

    /// Admits requests whose `grouping`, one of `groupings`, is `value`; empty for requests without one. A key is named by its id
    /// or its name.
    package mutating func admit(_ value: String, of grouping: UsageGrouping) {
        values[grouping, default: []].insert(value)
    }

    /// The same conditions with the ids of keys in the place of their names.
    ///
    /// - Throws: `LedgerError.keyNotFound` for a name that no key has, unless rows have it as the id of a key that is gone.
    func resolvingKeys(in database: Database) throws -> UsageFilter {
        guard let names = values[.key] else { return self }
        var resolved = self
        resolved.values[.key] = try names.reduce(into: []) { ids, name in
            let found = try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM keys WHERE name = :key OR id = :key
                    UNION SELECT key_id FROM usage_groups WHERE key_id = :key
                    """, arguments: ["key": name])
            guard !found.isEmpty else { throw LedgerError.keyNotFound(name) }
            ids.formUnion(found)
        }
        return resolved
    }

    /// Returns true if all conditions hold for `group`.
    func admits(_ group: UsageGroup) -> Bool {
        values.allSatisfy { grouping, values in
            switch grouping {
            case .key: values.contains(group.keyID)
            case .team: values.contains(group.team ?? "")
            case .model: values.contains(group.model ?? "")
            case .endpoint: values.contains(group.endpoint)
            case .user: values.contains(group.user ?? "")
            case .tag: Self.tags(of: group).contains { values.contains($0) }
            case .status: values.contains(String(group.status))
            case .ending: values.contains(group.ending?.rawValue ?? "")
            case .cause: values.contains(group.cause?.rawValue ?? "")
            case .limit: values.contains(group.refusedBy?.description ?? "")
            case .hour, .day, .month: true
            }
        }
    }

    /// The tags of `group` that the conditions admit; one empty text for a group without tags.
    func admittedTags(of group: UsageGroup) -> [String] {
        let tags = Self.tags(of: group)
        guard let values = values[.tag] else { return tags }
        return tags.filter { values.contains($0) }
    }

    private static func tags(of group: UsageGroup) -> [String] {
        group.tags.map { $0.split(separator: ",").map(String.init) } ?? [""]
    }
}
