import GRDB
import Policy

/// What the requests that are added up together have in common, besides their time.
struct UsageGroup: Hashable {
    let keyID: String
    let team: String?
    let user: String?
    let endpoint: String
    /// The model that answered; where nothing went upstream, the one that was asked for.
    let model: String?
    let status: Int64
    /// Separated by commas.
    let tags: String?

    init(_ record: borrowing UsageRecord) {
        keyID = record.keyID
        team = record.team
        user = record.user
        endpoint = record.endpoint
        model = record.modelServed ?? record.modelAsked
        status = Int64(record.status)
        tags = record.tags.isEmpty ? nil : record.tags.joined(separator: ",")
    }

    init(_ row: Row) {
        keyID = row["key_id"]
        team = row["team"]
        user = row["user"]
        endpoint = row["endpoint"]
        model = row["model"]
        status = row["status"]
        tags = row["tags"]
    }

    func hash(into hasher: inout Hasher) {
        // The rest seldom differs where these are the same, and each text costs as much again.
        hasher.combine(keyID)
        hasher.combine(model)
        hasher.combine(status)
        hasher.combine(user)
    }
}

/// The numbers by which the totals name groups. A group is never taken away, so that its number holds for good.
struct UsageGroupNumbers {
    /// How many are remembered. Callers choose the names of users, so there can be any number of them.
    private static let limit = 4096

    private var numbers: [UsageGroup: Int64] = [:]

    /// The number of `group`, which gets one where it is new. Call it in a transaction, and `forget` where that is undone.
    mutating func number(of group: UsageGroup, in database: Database) throws -> Int64 {
        if let number = numbers[group] { return number }
        let arguments: StatementArguments = [
            group.keyID, group.team, group.user, group.endpoint, group.model, group.status, group.tags,
        ]
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM usage_groups WHERE key_id = ? AND team IS ? AND user IS ? AND endpoint = ? AND model IS ?
                AND status = ? AND tags IS ?
                """)
        let number: Int64
        if let known = try Int64.fetchOne(find, arguments: arguments) {
            number = known
        } else {
            try database.cachedStatement(
                sql: """
                    INSERT INTO usage_groups (key_id, team, user, endpoint, model, status, tags)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: arguments)
            number = database.lastInsertedRowID
        }
        if numbers.count >= Self.limit { numbers.removeAll(keepingCapacity: true) }
        numbers[group] = number
        return number
    }

    /// Forgets all numbers: some of them may not have come into the database.
    mutating func forget() { numbers.removeAll() }
}
