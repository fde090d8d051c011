import Bytes
import Clocks
import GRDB
import Policy

/// The rows of `usage_corrections`.
enum CorrectionTable {
    /// Appends `correction`, which counts at `moment`.
    ///
    /// - Parameter group: a group with the key, the team, the model and the user of the corrected rows; nil without rows.
    static func insert(
        _ correction: Correction, at moment: Timestamp, group: Int64? = nil, into database: Database
    ) throws {
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO usage_corrections (kind, made_at, made_by, reason, counts_at, key_id, team, requests,
                    cost_before, cost_after, group_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(arguments: [
            correction.kind.rawValue, correction.madeAt.microseconds, correction.madeBy, correction.reason,
            moment.microseconds, correction.keyID, correction.team, correction.requests, correction.before.amount,
            correction.after.amount, group,
        ])
    }

    /// The number of the last correction; 0 without one.
    static func lastNumber(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT MAX(number) FROM usage_corrections")) ?? 0
    }

    /// The corrections after `number`, in their order.
    static func changes(after number: Int64, in database: Database) throws -> [CostCorrection] {
        try changes("number > ? ORDER BY number", [number], in: database)
    }

    /// The credits that count from `since` (included) to `until` (excluded), nil for no bound.
    static func credits(since: Timestamp?, until: Timestamp?, in database: Database) throws -> [CostCorrection] {
        try changes(
            "kind = ? AND counts_at >= ? AND counts_at < ?",
            [
                Correction.Kind.credit.rawValue, since?.microseconds ?? .min, until?.microseconds ?? .max,
            ], in: database)
    }

    /// The repricings of requests from `since` (included) to `until` (excluded), nil for no bound.
    static func repricings(since: Timestamp?, until: Timestamp?, in database: Database) throws -> [UsageRepricing] {
        try rows(
            "kind = ? AND counts_at >= ? AND counts_at < ? ORDER BY number",
            [
                Correction.Kind.reprice.rawValue, since?.microseconds ?? .min, until?.microseconds ?? .max,
            ], in: database)
    }

    private static func changes(
        _ condition: String, _ arguments: StatementArguments, in database: Database
    ) throws -> [CostCorrection] {
        try rows(condition, arguments, in: database).map(\.change)
    }

    private static func rows(
        _ condition: String, _ arguments: StatementArguments, in database: Database
    ) throws -> [UsageRepricing] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT number, counts_at, usage_corrections.key_id, usage_corrections.team, cost_before, cost_after,
                        kind, IFNULL(model_served, model_asked), IIF(id IS NULL, NULL, IFNULL(user, '')),
                        made_at
                    FROM usage_corrections LEFT JOIN usage_groups ON id = group_id WHERE \(condition)
                    """), arguments: arguments
        ).map { row in
            let change = CostCorrection(
                number: row[0], at: Timestamp(microseconds: row[1]),
                UsageOwner(keyID: row[2], team: row[3], model: row[7], user: row[8]),
                change: (row[5] as Int64).subtractingSaturated(row[4]),
                concernsAccount: row[6] != Correction.Kind.credit.rawValue)
            return UsageRepricing(madeAt: Timestamp(microseconds: row[9]), change: change)
        }
    }
}
