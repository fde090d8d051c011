import Foundation
import GRDB
import Policy

/// The migrations. A released migration never changes; a change of the schema is a new one.
extension Schema {
    /// Times are microseconds since 1970, money is nano-euros. Digests are 32 bytes, and a request's id is its 16 bytes.
    @Sendable static func keysAndUsage(_ database: Database) throws {
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
                """)
        try keys(database)
    }

    private static func keys(_ database: Database) throws {
        try database.execute(
            sql: """
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

    /// Reports read totals instead of rows: a hundred times less data. Both change in the same transaction, always.
    ///
    /// `place` is 0 for totals of present rows, 1 for the archive, whose rows are gone. `period` counts periods of six
    /// hours since 1970 in UTC. `entries` are their quarters of an hour, as `PeriodTotals` packs them.
    @Sendable static func totalsAndTags(_ database: Database) throws {
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

    /// The owners of files and batches at the upstream.
    @Sendable static func objects(_ database: Database) throws {
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

    /// Moves the common members of many requests into `usage_groups`. A row names its group by number, and is half as long.
    ///
    /// `RequestID.rowNumber` numbers rows by time. So the table is its own time index: new rows come at its end, and a span
    /// of time is a range of numbers. No other index has to follow each row. `usage` becomes a view of both tables.
    @Sendable static func rowsByNumber(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE usage_groups RENAME COLUMN model TO model_served;
                ALTER TABLE usage_groups ADD COLUMN model_asked TEXT;
                INSERT INTO usage_groups (key_id, team, user, tags, endpoint, model_asked, model_served, status)
                    SELECT key_id, team, user, tags, endpoint, model_asked, model_served, status FROM usage
                    EXCEPT
                    SELECT key_id, team, user, tags, endpoint, model_asked, model_served, status FROM usage_groups;

                CREATE TABLE usage_rows (
                    number INTEGER NOT NULL PRIMARY KEY,
                    id BLOB NOT NULL,
                    group_id INTEGER NOT NULL,
                    upstream_id TEXT,
                    backend TEXT,
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
                ) STRICT;
                """)
        try numberRows(database)
        try database.execute(
            sql: """
                DROP TABLE usage;
                -- Totals of rows name the former groups. The next start rebuilds them from the rows.
                DELETE FROM usage_totals WHERE place = 0;

                CREATE VIEW usage AS
                    SELECT usage_rows.id AS id, upstream_id, key_id, team, user, tags, endpoint, model_asked,
                        model_served, backend, status, input_tokens, output_tokens, reasoning_tokens, cached_tokens,
                        audio_minutes, characters, images, search_units, exactness, cost, started_at, first_byte_at,
                        ended_at, request_bytes, response_bytes, streamed, ending, number, group_id
                    FROM usage_rows JOIN usage_groups ON usage_groups.id = group_id;
                """)
    }

    /// Copies the rows of the table `usage` one by one, each to the first free number.
    private static func numberRows(_ database: Database) throws {
        let insert = try database.makeStatement(
            sql: """
                INSERT INTO usage_rows
                    SELECT ?, usage.id, usage_groups.id, upstream_id, backend, input_tokens, output_tokens,
                        reasoning_tokens, cached_tokens, audio_minutes, characters, images, search_units, exactness,
                        cost, started_at, first_byte_at, ended_at, request_bytes, response_bytes, streamed, ending
                    FROM usage JOIN usage_groups ON usage_groups.key_id = usage.key_id
                        AND usage_groups.model_served IS usage.model_served
                        AND usage_groups.endpoint = usage.endpoint AND usage_groups.status = usage.status
                        AND usage_groups.user IS usage.user AND usage_groups.team IS usage.team
                        AND usage_groups.tags IS usage.tags AND usage_groups.model_asked IS usage.model_asked
                    WHERE usage.id = ?
                ON CONFLICT DO NOTHING
                """)
        let ids = try Data.fetchCursor(database, sql: "SELECT id FROM usage ORDER BY id")
        while let data = try ids.next() {
            guard let id = RequestID(data: data) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row of the usage has no id")
            }
            var number = id.rowNumber
            repeat {
                try insert.execute(arguments: [number, data])
                number += 1
            } while database.changesCount == 0
        }
    }

    /// Adds the flag of requests that count against limits. Older rows count.
    ///
    /// SQLite stores a constant default once in the schema, so the size of the table does not matter. Totals have a few
    /// bytes for each group and six hours; they are packed again.
    @Sendable static func countedRequests(_ database: Database) throws {
        try database.execute(
            sql: "ALTER TABLE usage_rows ADD COLUMN counts_as_request INTEGER NOT NULL DEFAULT 1")
        let counting = DatabaseFunction("propylon_counting_all", argumentCount: 1, pure: true) { values in
            guard let data = Data.fromDatabaseValue(values[0]) else { return values[0] }
            // Damaged totals stay as they are: reports name them, and `usage rebuild` mends them.
            return data.withUnsafeBytes { PeriodTotals($0) }.map { Data($0.countingAllRequests.encoded) } ?? data
        }
        database.add(function: counting)
        defer { database.remove(function: counting) }
        try database.execute(sql: "UPDATE usage_totals SET entries = propylon_counting_all(entries)")
    }
    /// Replaces the one predecessor of a key by a list, as a JSON array.
    @Sendable static func predecessorsOfKeys(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE keys ADD COLUMN predecessors TEXT;
                UPDATE keys SET predecessors = json_array(
                        json_object('digest', lower(hex(predecessor_digest)), 'until', predecessor_until))
                    WHERE predecessor_digest IS NOT NULL AND predecessor_until IS NOT NULL;
                ALTER TABLE keys DROP COLUMN predecessor_digest;
                ALTER TABLE keys DROP COLUMN predecessor_until;
                """)
    }

    /// Numbers the changes of keys, so that a gateway loads the changed ones alone.
    ///
    /// `change` of a key is the version after its last change. A trigger sets it after every change of other columns, those of
    /// later migrations included. A removed or renamed row leaves no trace, so `last_removal` has the version after it.
    @Sendable static func changesOfKeys(_ database: Database) throws {
        let number = """
            UPDATE keys_version SET version = version + 1;
            UPDATE keys SET change = (SELECT version FROM keys_version) WHERE rowid = NEW.rowid;
            """
        try database.execute(
            sql: """
                ALTER TABLE keys ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX keys_by_change ON keys (change);
                CREATE INDEX keys_by_name ON keys (name);
                ALTER TABLE keys_version ADD COLUMN last_removal INTEGER NOT NULL DEFAULT 0;

                DROP TRIGGER keys_inserted;
                DROP TRIGGER keys_updated;
                DROP TRIGGER keys_deleted;
                CREATE TRIGGER keys_inserted AFTER INSERT ON keys BEGIN \(number) END;
                CREATE TRIGGER keys_updated AFTER UPDATE ON keys WHEN NEW.change = OLD.change BEGIN \(number) END;
                CREATE TRIGGER keys_renamed AFTER UPDATE OF id ON keys WHEN NEW.id <> OLD.id BEGIN
                    UPDATE keys_version SET version = version + 1, last_removal = version + 1;
                END;
                CREATE TRIGGER keys_deleted AFTER DELETE ON keys BEGIN
                    UPDATE keys_version SET version = version + 1, last_removal = version + 1;
                END;
                """)
    }

    /// What it takes to bound groups, to remove them, and to mend totals while a writer runs.
    ///
    /// `usage_words` has the words that clients chose on a day in UTC, as `ClientWords` counts them. `usage_state` has one row:
    /// how often totals were mended and groups removed, so that what was computed or remembered before is not used any more.
    @Sendable static func boundedGroups(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE usage_words (
                    day INTEGER NOT NULL,
                    key_id TEXT NOT NULL,
                    kind INTEGER NOT NULL,
                    word TEXT NOT NULL,
                    PRIMARY KEY (day, key_id, kind, word)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX usage_totals_by_group ON usage_totals (group_id, place);
                CREATE TABLE usage_state (corrections INTEGER NOT NULL, removals INTEGER NOT NULL) STRICT;
                INSERT INTO usage_state VALUES (0, 0);
                """)
    }

    /// Adds the lines of a batch's input file as JSON, to files and batches, and finds the batches that are not billed.
    @Sendable static func linesOfBatches(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE objects ADD COLUMN lines TEXT;
                CREATE INDEX objects_open_batches ON objects (created_at) WHERE kind = 'batch' AND NOT is_metered;
                """)
    }

    /// Corrections of costs, with their trace: credits, and the changes of a repricing by key, team and quarter of an hour.
    ///
    /// Numbers are never used again, so that a gateway counts each once. `counts_at` is the time whose limits and reports it
    /// counts in. `cost_before` and `cost_after` are sums over `requests` requests; a credit has none, and 0 before.
    @Sendable static func corrections(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE usage_corrections (
                    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                    kind TEXT NOT NULL,
                    made_at INTEGER NOT NULL,
                    made_by TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    counts_at INTEGER NOT NULL,
                    key_id TEXT NOT NULL,
                    team TEXT,
                    requests INTEGER NOT NULL,
                    cost_before INTEGER NOT NULL,
                    cost_after INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX usage_corrections_by_time ON usage_corrections (kind, counts_at);
                """)
    }

    /// Adds to a repricing's corrections a group with the model and the user of their rows, which limits may be for. Retention may
    /// have removed it.
    @Sendable static func groupsOfCorrections(_ database: Database) throws {
        try database.execute(sql: "ALTER TABLE usage_corrections ADD COLUMN group_id INTEGER")
    }

    /// The limits of keys' own as a JSON object, their grants as a JSON array, and their suspension.
    @Sendable static func limitsOfKeys(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE keys ADD COLUMN limits TEXT;
                ALTER TABLE keys ADD COLUMN grants TEXT;
                ALTER TABLE keys ADD COLUMN suspended_at INTEGER;
                """)
    }

    /// Finds old responses among the resources: they are the only kind that is not deleted otherwise.
    @Sendable static func responses(_ database: Database) throws {
        try database.execute(sql: "CREATE INDEX objects_responses ON objects (created_at) WHERE kind = 'response'")
    }

    /// Adds the ending, the cause and the refusing limit to groups. They have few values, and successful requests have one.
    /// Numbers of events are never used again, so that a reader misses none.
    @Sendable static func causesAndEvents(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE usage_groups ADD COLUMN group_ending TEXT;
                ALTER TABLE usage_groups ADD COLUMN cause TEXT;
                ALTER TABLE usage_groups ADD COLUMN refused_by TEXT;

                CREATE TABLE events (
                    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                    at INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    cause TEXT,
                    detail TEXT,
                    count INTEGER NOT NULL,
                    facts TEXT
                ) STRICT;
                """)
    }

    /// How fast requests were, beside `usage_totals` and packed as they are: `SpeedCounts`. Only rows that are kept have speeds, so
    /// `place` is always 0. Those of rows of before come by `propylon usage rebuild`.
    @Sendable static func speeds(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE usage_speeds (
                    place INTEGER NOT NULL,
                    period INTEGER NOT NULL,
                    group_id INTEGER NOT NULL REFERENCES usage_groups (id),
                    entries BLOB NOT NULL,
                    PRIMARY KEY (place, period, group_id)
                ) STRICT, WITHOUT ROWID;
                """)
    }

    /// The audit log, which only grows, and an index for pages of keys in their order.
    @Sendable static func audit(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE audit (
                    number INTEGER PRIMARY KEY,
                    at INTEGER NOT NULL,
                    actor TEXT NOT NULL,
                    origin TEXT NOT NULL,
                    action TEXT NOT NULL,
                    subject_id TEXT,
                    subject_name TEXT,
                    before TEXT NOT NULL,
                    after TEXT NOT NULL
                ) STRICT;
                CREATE INDEX audit_by_subject ON audit (subject_id, number);
                CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
                    SELECT RAISE(ABORT, 'the audit log only grows');
                END;
                CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN
                    SELECT RAISE(ABORT, 'the audit log only grows');
                END;
                CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
                WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number) BEGIN
                    SELECT RAISE(ABORT, 'the audit log only grows');
                END;
                CREATE INDEX keys_by_age ON keys (created_at, id);
                """)
    }

    /// The recipients of alerts, with a cursor each: an event is an alert of a recipient until the cursor has passed it.
    @Sendable static func alerts(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE alert_recipients (
                    id TEXT NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    kinds TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    failures INTEGER NOT NULL DEFAULT 0,
                    last_error TEXT,
                    tried_at INTEGER,
                    next_at INTEGER
                ) STRICT;
                """)
    }

    /// Remembers notices of expiry, so that each is given once, also over restarts.
    @Sendable static func noticesOfExpiry(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE expiry_notices (
                    number INTEGER PRIMARY KEY,
                    kind TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    expires_at INTEGER NOT NULL,
                    days INTEGER NOT NULL,
                    UNIQUE (subject, expires_at, days, kind)
                ) STRICT;
                """)
    }

    /// Values of hours, days and months that are over, for reports (`ClosedSpan`).
    ///
    /// Triggers remove a span as soon as something changes in one of its periods, whoever does it. `usage_span_periods` finds it, so
    /// a change where no span is costs one look.
    @Sendable static func closedSpans(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE usage_spans (
                    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                    detail INTEGER NOT NULL,
                    zone TEXT NOT NULL,
                    first_quarter INTEGER NOT NULL,
                    end_quarter INTEGER NOT NULL,
                    is_ready INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX usage_spans_by_quarters ON usage_spans (detail, first_quarter, end_quarter);

                CREATE TABLE usage_span_periods (
                    period INTEGER NOT NULL,
                    span INTEGER NOT NULL,
                    PRIMARY KEY (period, span)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX usage_span_periods_by_span ON usage_span_periods (span);

                CREATE TABLE usage_span_values (
                    span INTEGER NOT NULL,
                    measure INTEGER NOT NULL,
                    part INTEGER NOT NULL,
                    entries BLOB NOT NULL
                ) STRICT;
                CREATE INDEX usage_span_values_by_span ON usage_span_values (span, measure, part);

                CREATE TRIGGER usage_spans_deleted AFTER DELETE ON usage_spans BEGIN
                    DELETE FROM usage_span_periods WHERE span = OLD.number;
                    DELETE FROM usage_span_values WHERE span = OLD.number;
                END;
                """)
        for table in ["usage_totals", "usage_speeds"] {
            for (change, row) in [("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")] {
                try database.execute(
                    sql: """
                        CREATE TRIGGER spans_after_\(change)_of_\(table) AFTER \(change) ON \(table)
                        WHEN EXISTS (SELECT 1 FROM usage_span_periods WHERE period = \(row).period) BEGIN
                            DELETE FROM usage_spans WHERE number IN
                                (SELECT span FROM usage_span_periods WHERE period = \(row).period);
                        END;
                        """)
            }
        }
    }
}
