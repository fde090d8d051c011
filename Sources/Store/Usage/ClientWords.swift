import GRDB
import Policy

/// Bounds the words that clients choose: users, tags, models. Each is a part of a group, and costs the ledger for good.
///
/// A key has so many different words of a kind a day (in UTC); further ones are `(other)`. The count is in the database, so
/// that it holds over restarts and for two processes. What a request cost does not change.
struct ClientWords {
    /// A kind of words; the raw value is stored.
    private enum Kind: Int64 {
        case user = 0
        case tags = 1
        case askedModel = 2
        case servedModel = 3
        /// A user with tags and a model: each combination is a group.
        case combination = 4

        /// The most different words of a key in a day.
        var limit: Int {
            switch self {
            case .user, .tags: ClientWord.usersOfKey
            case .askedModel, .servedModel: 200
            case .combination: 4000
            }
        }
    }

    private struct Scope: Hashable {
        let key: String
        let day: Int64
        let kind: Kind
    }

    /// The most scopes in `full`.
    private static let fullLimit = 4096

    /// Scopes without room: a flood of new words is not counted each time.
    private var full: Set<Scope> = []

    /// Returns `group` with `(other)` for words beyond the limits of the day `day`. Call it in a transaction, and `forget`
    /// after a rollback.
    mutating func bounded(_ group: UsageGroup, day: Int64, in database: Database) throws -> UsageGroup {
        var group = group
        func scope(_ kind: Kind) -> Scope { Scope(key: group.keyID, day: day, kind: kind) }
        if group.modelAsked != group.modelServed {
            group.modelAsked = try bounded(group.modelAsked, scope(.askedModel), in: database)
        }
        group.modelServed = try bounded(group.modelServed, scope(.servedModel), in: database)
        guard group.user != nil || group.tags != nil else { return group }
        group.user = try bounded(group.user, scope(.user), in: database)
        group.tags = try bounded(group.tags, scope(.tags), in: database)
        let words = [group.user, group.tags, group.modelAsked, group.modelServed].map { $0 ?? "" }
        if try !admits(words.joined(separator: "\u{1F}"), scope(.combination), in: database) {
            if group.user != nil { group.user = ClientWord.other }
            if group.tags != nil { group.tags = ClientWord.other }
        }
        return group
    }

    /// Forgets what was counted: a rollback may have removed it from the database.
    mutating func forget() { full.removeAll() }

    private mutating func bounded(_ word: String?, _ scope: Scope, in database: Database) throws -> String? {
        guard let word else { return nil }
        return try admits(word, scope, in: database) ? word : ClientWord.other
    }

    private mutating func admits(_ word: String, _ scope: Scope, in database: Database) throws -> Bool {
        let find = try database.cachedStatement(
            sql: "SELECT 1 FROM usage_words WHERE day = ? AND key_id = ? AND kind = ? AND word = ?")
        let arguments: StatementArguments = [scope.day, scope.key, scope.kind.rawValue, word]
        if try Row.fetchOne(find, arguments: arguments) != nil { return true }
        guard try hasRoom(scope, in: database) else { return false }
        try database.cachedStatement(sql: "INSERT INTO usage_words (day, key_id, kind, word) VALUES (?, ?, ?, ?)")
            .execute(arguments: arguments)
        return true
    }

    private mutating func hasRoom(_ scope: Scope, in database: Database) throws -> Bool {
        if full.contains(scope) { return false }
        let count = try database.cachedStatement(
            sql: "SELECT COUNT(*) FROM usage_words WHERE day = ? AND key_id = ? AND kind = ?")
        let used = try Int.fetchOne(count, arguments: [scope.day, scope.key, scope.kind.rawValue]) ?? 0
        if used < scope.kind.limit { return true }
        if full.count >= Self.fullLimit { full.removeAll() }
        full.insert(scope)
        return false
    }
}
