import GRDB
import GRDBSQLite
import Policy

/// The members that requests share, apart from their time. Rows and totals name a group by its number.
///
/// GRDB ends text at a NUL; no name contains one here.
struct UsageGroup: Hashable {
    /// The columns of `usage_groups`, in the order of `arguments` and `init(_:from:)`.
    static let columns = [
        "key_id", "team", "user", "tags", "endpoint", "model_asked", "model_served", "status", "group_ending", "cause",
        "refused_by",
    ]

    let keyID: String
    let team: String?
    var user: String?
    /// Separated by commas.
    var tags: String?
    let endpoint: String
    var modelAsked: String?
    var modelServed: String?
    let status: Int64
    /// How the requests ended; nil in groups of older versions. Rows have it too: older ones have it alone.
    var ending: Ending?
    /// The cause of their failure; nil without one.
    var cause: Cause?
    /// The limit that refused them; nil without one.
    var refusedBy: LimitName?

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
        ending = record.ending
        cause = record.cause
        refusedBy = record.refusedBy
    }

    /// The group of credits, which have a key and a team alone. Their endpoint is `credit`.
    init(credit: CostCorrection) {
        keyID = credit.owner.keyID
        team = credit.owner.team
        endpoint = UsageReport.endpointOfCredits
        status = 0
    }

    /// The group of a repricing, which has a key, a team, a model and a user alone.
    init(repricing: CostCorrection) {
        keyID = repricing.owner.keyID
        team = repricing.owner.team
        modelServed = repricing.owner.model
        user = repricing.owner.user
        endpoint = ""
        status = 0
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
        ending = (values.nextOptional() as String?).flatMap(Ending.init)
        cause = (values.nextOptional() as String?).flatMap(Cause.init)
        refusedBy = (values.nextOptional() as String?).flatMap(LimitName.init)
    }

    /// Reads `columns` of the present row of `statement`, without GRDB's row.
    init(_ statement: OpaquePointer, from index: CInt) {
        func text(_ column: CInt) -> String? {
            sqlite3_column_text(statement, index + column).map { String(cString: $0) }
        }
        keyID = text(0) ?? ""
        team = text(1)
        user = text(2)
        tags = text(3)
        endpoint = text(4) ?? ""
        modelAsked = text(5)
        modelServed = text(6)
        status = sqlite3_column_int64(statement, index + 7)
        ending = text(8).flatMap(Ending.init)
        cause = text(9).flatMap(Cause.init)
        refusedBy = text(10).flatMap(LimitName.init)
    }

    /// The group of the archive, without words of clients: no user, no tags, and of models those that were of use.
    ///
    /// The names of models are clients' words until a model answers.
    func archived(_ totals: borrowing UsageTotals) -> UsageGroup {
        var group = self
        group.user = nil
        group.tags = nil
        group.modelServed = totals.isOfUse ? model : nil
        group.modelAsked = nil
        return group
    }

    fileprivate var arguments: StatementArguments {
        [
            keyID, team, user, tags, endpoint, modelAsked, modelServed, status, ending?.rawValue, cause?.rawValue,
            refusedBy?.description,
        ]
    }

    func hash(into hasher: inout Hasher) {
        // The other members seldom differ if these are equal, and each text costs as much again.
        hasher.combine(keyID)
        hasher.combine(modelServed)
        hasher.combine(status)
        hasher.combine(user)
    }
}

/// The numbers of groups. A number holds until the ledger removes groups that nothing uses.
struct UsageGroupNumbers {
    private struct Known {
        let number: Int64
        /// The day of the last request, whose words were counted.
        let day: Int64
    }

    /// The most numbers in memory. Clients choose the names of users, so their number has no bound.
    private static let limit = 4096

    private static let findSQL = """
        SELECT id FROM usage_groups WHERE \(UsageGroup.columns.map { "\($0) IS ?" }.joined(separator: " AND "))
        """
    private static let insertSQL = """
        INSERT INTO usage_groups (\(UsageGroup.columns.joined(separator: ", ")))
        VALUES (\(UsageGroup.columns.map { _ in "?" }.joined(separator: ", ")))
        """

    private var numbers: [UsageGroup: Known] = [:]
    private var words = ClientWords()
    /// The removals of groups until now.
    private var removals: Int64 = 0

    /// Begins a transaction: forgets all numbers if groups were removed since the last one.
    mutating func begin(in database: Database) throws {
        let statement = try database.cachedStatement(sql: "SELECT removals FROM usage_state")
        let removals = try Int64.fetchOne(statement) ?? 0
        if removals != self.removals { numbers.removeAll() }
        self.removals = removals
    }

    /// Returns the number of `group` for a request of the day `day` in UTC, and assigns one to a new group. Words of clients
    /// beyond their bound are `(other)`.
    ///
    /// Call it in a transaction after `begin`, and `forget` after a rollback.
    mutating func number(of group: UsageGroup, day: Int64, in database: Database) throws -> Int64 {
        if let known = numbers[group], known.day == day { return known.number }
        let number = try Self.number(of: try words.bounded(group, day: day, in: database), in: database)
        if numbers.count >= Self.limit { numbers.removeAll(keepingCapacity: true) }
        numbers[group] = Known(number: number, day: day)
        return number
    }

    /// Returns the number of `group`, and assigns one to a new group. Call it in a transaction.
    static func number(of group: UsageGroup, in database: Database) throws -> Int64 {
        let arguments = group.arguments
        let find = try database.cachedStatement(sql: Self.findSQL)
        if let known = try Int64.fetchOne(find, arguments: arguments) { return known }
        try database.cachedStatement(sql: Self.insertSQL).execute(arguments: arguments)
        return database.lastInsertedRowID
    }

    /// Forgets all numbers: a rollback may have removed some from the database.
    mutating func forget() {
        numbers.removeAll()
        words.forget()
    }
}
