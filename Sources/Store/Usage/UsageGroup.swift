import GRDB
import Policy

/// What the requests that are added up together have in common, besides their time. Rows and totals name it by its number.
/// GRDB ends text at a NUL, which no name has any more when it comes here.
struct UsageGroup: Hashable {
    let keyID: String
    let team: String?
    let user: String?
    /// Separated by commas.
    let tags: String?
    let endpoint: String
    let modelAsked: String?
    let modelServed: String?
    let status: Int64

    /// The model that answered; where nothing went upstream, the one that was asked for.
    var model: String? { modelServed ?? modelAsked }

    init(_ record: borrowing UsageRecord) {
        keyID = record.keyID
        team = record.team
        user = record.user
        tags = record.tags.isEmpty ? nil : record.tags.joined(separator: ",")
        endpoint = record.endpoint
        modelAsked = record.modelAsked
        modelServed = record.modelServed
        status = Int64(record.status)
    }

    init(_ row: Row) {
        keyID = row["key_id"]
        team = row["team"]
        user = row["user"]
        tags = row["tags"]
        endpoint = row["endpoint"]
        modelAsked = row["model_asked"]
        modelServed = row["model_served"]
        status = row["status"]
    }

    func hash(into hasher: inout Hasher) {
        // The rest seldom differs where these are the same, and each text costs as much again.
        hasher.combine(keyID)
        hasher.combine(modelServed)
        hasher.combine(status)
        hasher.combine(user)
    }
}

/// The numbers of groups. A group is never taken away, so that its number holds for good.
struct UsageGroupNumbers {
    /// How many are remembered. Callers choose the names of users, so there can be any number of them.
    private static let limit = 4096

    private var numbers: [UsageGroup: Int64] = [:]

    /// The number of `group`, which gets one where it is new. Call it in a transaction, and `forget` where that is undone.
    mutating func number(of group: UsageGroup, in database: Database) throws -> Int64 {
        if let number = numbers[group] { return number }
        let arguments: StatementArguments = [
            group.keyID, group.team, group.user, group.tags, group.endpoint, group.modelAsked, group.modelServed,
            group.status,
        ]
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM usage_groups WHERE key_id = ? AND team IS ? AND user IS ? AND tags IS ? AND endpoint = ?
                AND model_asked IS ? AND model_served IS ? AND status = ?
                """)
        let number: Int64
        if let known = try Int64.fetchOne(find, arguments: arguments) {
            number = known
        } else {
            try database.cachedStatement(
                sql: """
                    INSERT INTO usage_groups (key_id, team, user, tags, endpoint, model_asked, model_served, status)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
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
