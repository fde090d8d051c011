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
        return migrator
    }

    /// Migrates the database to the newest schema.
    /// - Throws: `LedgerError.newerDatabase` if the schema is newer than this version.
    static func migrate(_ pool: DatabasePool, path: String) throws {
        let migrator = migrator
        let unknown = try pool.read { database -> [String] in
            guard try database.tableExists("grdb_migrations") else { return [] }
            return try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        }.filter { !migrator.migrations.contains($0) }
        guard unknown.isEmpty else { throw LedgerError.newerDatabase(path: path, migrations: unknown) }
        try migrator.migrate(pool)
        try pool.write { database in
            try createView(in: database)
            // True for rows of a version that kept no totals, or other ones.
            let lacksTotals = try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM usage_rows) AND NOT EXISTS (SELECT 1 FROM usage_totals WHERE place = ?)
                    """,
                arguments: [TotalsChange.Place.rows.rawValue])
            if lacksTotals == true { try TotalsRebuild.run(in: database) }
        }
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
        let present = try String.fetchOne(
            database, sql: "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'usage'")
        guard present != viewSQL else { return }
        try database.execute(sql: "DROP VIEW IF EXISTS usage; \(viewSQL)")
    }
}
