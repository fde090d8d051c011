import Foundation
import GRDB
import Policy

/// The tables and their history: one migration for each version of the schema.
enum Schema {
    /// All migrations, in their order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: keys and usage", migrate: keysAndUsage)
        migrator.registerMigration("2: totals and tags", migrate: totalsAndTags)
        migrator.registerMigration("3: objects", migrate: objects)
        migrator.registerMigration("4: rows by number", migrate: rowsByNumber)
        migrator.registerMigration("5: requests that count", migrate: countedRequests)
        migrator.registerMigration("6: predecessors of keys", migrate: predecessorsOfKeys)
        migrator.registerMigration("7: changes of keys", migrate: changesOfKeys)
        migrator.registerMigration("8: bounded groups", migrate: boundedGroups)
        migrator.registerMigration("9: lines of batches", migrate: linesOfBatches)
        migrator.registerMigration("10: limits of keys", migrate: limitsOfKeys)
        migrator.registerMigration("12: corrections", migrate: corrections)
        migrator.registerMigration("13: responses", migrate: responses)
        migrator.registerMigration("14: groups of corrections", migrate: groupsOfCorrections)
        migrator.registerMigration("15: causes and events", migrate: causesAndEvents)
        migrator.registerMigration("16: audit", migrate: audit)
        migrator.registerMigration("17: alerts", migrate: alerts)
        migrator.registerMigration("18: speeds", migrate: speeds)
        migrator.registerMigration("19: notices of expiry", migrate: noticesOfExpiry)
        migrator.registerMigration("20: closed spans", migrate: closedSpans)
        return migrator
    }

    /// The state of a database's tables.
    enum State: Equatable {
        /// Those of this version.
        case current
        /// Those of an older version, or none.
        case older
        /// Those of a newer version, with migrations that this one does not know.
        case newer([String])
    }

    /// Reads the state of the tables.
    static func state(_ database: Database) throws -> State {
        let migrator = migrator
        let applied = try migrator.appliedIdentifiers(database)
        let unknown = applied.subtracting(migrator.migrations)
        guard unknown.isEmpty else { return .newer(unknown.sorted()) }
        guard applied.count == migrator.migrations.count, try hasView(database), try !lacksTotals(database) else {
            return .older
        }
        return .current
    }

    /// Migrates the database to the newest schema. A current one is only read, so that no writer is waited for.
    /// - Throws: `LedgerError.newerDatabase` if the schema is newer than this version.
    static func migrate(_ pool: DatabasePool, path: String) throws {
        switch try pool.read(state) {
        case .current: return
        case .older: break
        case .newer(let migrations): throw LedgerError.newerDatabase(path: path, migrations: migrations)
        }
        try migrator.migrate(pool)
        try pool.write { database in
            try createView(in: database)
            if try lacksTotals(database) { try TotalsRebuild.run(in: database) }
        }
        // A connection that has read the old schema would give the next statement the old names of the columns.
        pool.invalidateReadOnlyConnections()
    }

    /// Returns true for rows of a version that kept no totals, or other ones.
    private static func lacksTotals(_ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM usage_rows) AND NOT EXISTS (SELECT 1 FROM usage_totals WHERE place = ?)
                """,
            arguments: [TotalsPlace.rows.rawValue]) == true
    }

    /// The view of rows with their groups, for people and scripts.
    static let viewSQL = """
        CREATE VIEW usage AS SELECT \(UsageColumns.inView.joined(separator: ", ")) \
        FROM usage_rows JOIN usage_groups ON usage_groups.id = group_id
        """

    /// Creates the view `usage`, unless the database has it with all columns.
    ///
    /// A view holds no data, so it is no part of the migrations: a new column needs a migration of its table alone.
    private static func createView(in database: Database) throws {
        guard try !hasView(database) else { return }
        try database.execute(sql: "DROP VIEW IF EXISTS usage; \(viewSQL)")
    }

    private static func hasView(_ database: Database) throws -> Bool {
        try String.fetchOne(
            database, sql: "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'usage'") == viewSQL
    }
}
