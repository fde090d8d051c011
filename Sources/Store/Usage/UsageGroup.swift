import GRDB
import Policy

/// The members that requests share, apart from their time. Rows and totals name a group by its number.
///
/// GRDB ends text at a NUL; no name contains one here.
struct UsageGroup: Hashable {
    /// The columns of `usage_groups`, in the order of `arguments` and `init(_:from:)`.
    static let columns = ["key_id", "team", "user", "tags", "endpoint", "model_asked", "model_served", "status"]

    let keyID: String
    let team: String?
    let user: String?
    /// Separated by commas.
    let tags: String?
    let endpoint: String
    let modelAsked: String?
    let modelServed: String?
    let status: Int64

    /// The model that answered, or the requested one if nothing went upstream.
    var model: String? { modelServed ?? modelAsked }

    init(_ record: borrowing UsageRecord) {
        keyID = record.keyID
        team = record.team
        user = record.user
        tags = UsageTags.text(record.tags)
        endpoint = record.endpoint
        modelAsked = record.modelAsked
        modelServed = record.modelServed
        status = Int64(record.status)
    }

    /// Reads `columns` of `row`, the first of them at `index`.
    init(_ row: Row, from index: Int) {
        var values = RowReader(row, from: index)
        keyID = values.next()
        team = values.nextOptional()
        user = values.nextOptional()
        tags = values.nextOptional()
        endpoint = values.next()
        modelAsked = values.nextOptional()
        modelServed = values.nextOptional()
        status = values.next()
    }

    fileprivate var arguments: StatementArguments {
        [keyID, team, user, tags, endpoint, modelAsked, modelServed, status]
    }

    func hash(into hasher: inout Hasher) {
        // The other members seldom differ if these are equal, and each text costs as much again.
        hasher.combine(keyID)
        hasher.combine(modelServed)
        hasher.combine(status)
        hasher.combine(user)
    }
}

/// The numbers of groups. The ledger never removes a group, so its number holds for good.
struct UsageGroupNumbers {
    /// The most numbers in memory. Clients choose the names of users, so their number has no bound.
    private static let limit = 4096

    private static let findSQL = """
        SELECT id FROM usage_groups WHERE \(UsageGroup.columns.map { "\($0) IS ?" }.joined(separator: " AND "))
        """
    private static let insertSQL = """
        INSERT INTO usage_groups (\(UsageGroup.columns.joined(separator: ", ")))
        VALUES (\(UsageGroup.columns.map { _ in "?" }.joined(separator: ", ")))
        """

    private var numbers: [UsageGroup: Int64] = [:]

    /// Returns the number of `group`, and assigns one to a new group.
    ///
    /// Call it in a transaction, and `forget` after a rollback.
    mutating func number(of group: UsageGroup, in database: Database) throws -> Int64 {
        if let number = numbers[group] { return number }
        let arguments = group.arguments
        let find = try database.cachedStatement(sql: Self.findSQL)
        let number: Int64
        if let known = try Int64.fetchOne(find, arguments: arguments) {
            number = known
        } else {
            try database.cachedStatement(sql: Self.insertSQL).execute(arguments: arguments)
            number = database.lastInsertedRowID
        }
        if numbers.count >= Self.limit { numbers.removeAll(keepingCapacity: true) }
        numbers[group] = number
        return number
    }

    /// Forgets all numbers: a rollback may have removed some from the database.
    mutating func forget() { numbers.removeAll() }
}
