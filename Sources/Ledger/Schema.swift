import GRDB

/// The tables and how they came to be: one migration a version of the schema. A migration that was released is never
/// changed, another one is added.
enum Schema {
    /// Brings the database to the newest schema, or refuses where it is newer than that.
    static func migrate(_ pool: DatabasePool, path: String) throws {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: keys and usage", migrate: keysAndUsage)
        migrator.registerMigration("2: totals and tags", migrate: totalsAndTags)
        migrator.registerMigration("3: objects", migrate: objects)
        let unknown = try pool.read { database -> [String] in
            guard try database.tableExists("grdb_migrations") else { return [] }
            return try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        }.filter { !migrator.migrations.contains($0) }
        guard unknown.isEmpty else { throw LedgerError.newerDatabase(path: path, migrations: unknown) }
        try migrator.migrate(pool)
        try pool.write { database in
            // Rows of a version that kept no totals.
            let lacksTotals = try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM usage) AND NOT EXISTS (SELECT 1 FROM usage_totals)")
            if lacksTotals == true { try TotalsRebuild.run(in: database) }
        }
    }

    /// Times are microseconds since 1970, money is nano-euros, digests are 32 bytes, a request's id is its 16 bytes.
    ///
    /// Ids are UUIDv7, which begin with their time. So the usage table is its own time index: rows come in at its end, and
    /// a span of time is a range of ids. There is no other index to keep up with each row.
    @Sendable private static func keysAndUsage(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE usage (
                    id BLOB NOT NULL PRIMARY KEY,
                    upstream_id TEXT,
                    key_id TEXT NOT NULL,
                    team TEXT,
                    user TEXT,
                    endpoint TEXT NOT NULL,
                    model_asked TEXT,
                    model_served TEXT,
                    backend TEXT,
                    status INTEGER NOT NULL,
                    input_tokens INTEGER NOT NULL,
                    output_tokens INTEGER NOT NULL,
                    reasoning_tokens INTEGER NOT NULL,
                    cached_tokens INTEGER NOT NULL,
                    audio_minutes INTEGER NOT NULL,
                    characters INTEGER NOT NULL,
                    images INTEGER NOT NULL,
                    search_units INTEGER NOT NULL,
                    exactness TEXT NOT NULL,
                    cost INTEGER NOT NULL,
                    started_at INTEGER NOT NULL,
                    first_byte_at INTEGER,
                    ended_at INTEGER NOT NULL,
                    request_bytes INTEGER NOT NULL,
                    response_bytes INTEGER NOT NULL,
                    streamed INTEGER NOT NULL,
                    ending TEXT NOT NULL
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE keys (
                    id TEXT NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    tier TEXT NOT NULL,
                    team TEXT,
                    models TEXT,
                    created_at INTEGER NOT NULL,
                    expires_at INTEGER,
                    revoked_at INTEGER,
                    digest BLOB NOT NULL UNIQUE,
                    predecessor_digest BLOB,
                    predecessor_until INTEGER
                ) STRICT;

                CREATE TABLE keys_version (version INTEGER NOT NULL) STRICT;
                INSERT INTO keys_version VALUES (1);
                CREATE TRIGGER keys_inserted AFTER INSERT ON keys BEGIN
                    UPDATE keys_version SET version = version + 1;
                END;
                CREATE TRIGGER keys_updated AFTER UPDATE ON keys BEGIN
                    UPDATE keys_version SET version = version + 1;
                END;
                CREATE TRIGGER keys_deleted AFTER DELETE ON keys BEGIN
                    UPDATE keys_version SET version = version + 1;
                END;
                """)
    }

    /// Reports read the totals instead of the rows: a hundred times less. Both change in the same transaction, always.
    ///
    /// `place` is 0 for totals of rows that are there, 1 for those of the archive, whose rows are gone. `period` counts
    /// periods of six hours since 1970 in UTC; `entries` are their quarters of an hour, as `PeriodTotals` packs them.
    @Sendable private static func totalsAndTags(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE usage ADD COLUMN tags TEXT;

                CREATE TABLE usage_groups (
                    id INTEGER NOT NULL PRIMARY KEY,
                    key_id TEXT NOT NULL,
                    team TEXT,
                    user TEXT,
                    endpoint TEXT NOT NULL,
                    model TEXT,
                    status INTEGER NOT NULL,
                    tags TEXT
                ) STRICT;
                CREATE INDEX usage_groups_by_members
                    ON usage_groups (key_id, model, endpoint, status, user, team, tags);

                CREATE TABLE usage_totals (
                    place INTEGER NOT NULL,
                    period INTEGER NOT NULL,
                    group_id INTEGER NOT NULL REFERENCES usage_groups (id),
                    entries BLOB NOT NULL,
                    PRIMARY KEY (place, period, group_id)
                ) STRICT, WITHOUT ROWID;
                """)
    }

    /// Who made which file and batch at the upstream.
    @Sendable private static func objects(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE objects (
                    id TEXT NOT NULL PRIMARY KEY,
                    kind TEXT NOT NULL,
                    key_id TEXT NOT NULL,
                    team TEXT,
                    created_at INTEGER NOT NULL,
                    batch_id TEXT,
                    is_metered INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
