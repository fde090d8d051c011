import GRDB

/// The differences between the rows and the stored values of one table, in temporary tables while `TotalsRebuild` runs.
enum PeriodDifferences<Value: QuarterValue> {
    /// Collected values that are written at once.
    static var valuesInMemory: Int { 10_000 }

    private static var differences: String { PeriodChange<Value>.Table.differences.name }
    private static var damage: String { "temp.\(Value.table)_damage" }

    /// Creates the tables, empty.
    static func createTables(in database: Database) throws {
        // Damaged values cannot be subtracted. They are replaced: no writer changes them.
        try database.execute(
            sql: """
                DROP TABLE IF EXISTS \(differences);
                CREATE TABLE \(differences) (
                    place INTEGER NOT NULL,
                    period INTEGER NOT NULL,
                    group_id INTEGER NOT NULL,
                    entries BLOB NOT NULL,
                    PRIMARY KEY (place, period, group_id)
                ) WITHOUT ROWID;
                DROP TABLE IF EXISTS \(damage);
                CREATE TABLE \(damage) (period INTEGER NOT NULL, group_id INTEGER NOT NULL);
                """)
    }

    /// Subtracts the stored values from the differences.
    static func subtractStored(in database: Database) throws {
        var change = PeriodChange<Value>()
        let stored = try Row.fetchCursor(
            database, sql: "SELECT period, group_id, entries FROM \(Value.table) WHERE place = ?",
            arguments: [TotalsPlace.rows.rawValue])
        while let row = try stored.next() {
            let (period, group): (Int64, Int64) = (row[0], row[1])
            if let values = PeriodValues<Value>(row, at: 2) {
                change.add(values, group: group, period: period)
            } else {
                try database.execute(sql: "INSERT INTO \(damage) VALUES (?, ?)", arguments: [period, group])
            }
            if change.count >= valuesInMemory {
                try change.apply(.subtract, to: .rows, of: .differences, in: database)
            }
        }
        try change.apply(.subtract, to: .rows, of: .differences, in: database)
    }

    /// Adds the next differences to the stored values. Returns false where there are no more.
    static func mendSlice(in database: Database, atMost limit: Int) throws -> Bool {
        try removeDamaged(in: database)
        var change = PeriodChange<Value>()
        var addresses: [(period: Int64, group: Int64)] = []
        let slice = try Row.fetchCursor(
            database, sql: "SELECT period, group_id, entries FROM \(differences) LIMIT ?", arguments: [limit])
        while let row = try slice.next() {
            guard let values = PeriodValues<Value>(row, at: 2) else { throw PeriodValues<Value>.damage }
            addresses.append((row[0], row[1]))
            change.add(values, group: row[1], period: row[0])
        }
        let delete = try database.cachedStatement(
            sql: "DELETE FROM \(differences) WHERE place = ? AND period = ? AND group_id = ?")
        for address in addresses {
            try delete.execute(arguments: [TotalsPlace.rows.rawValue, address.period, address.group])
        }
        try change.apply(to: .rows, in: database)
        return addresses.count == limit
    }

    /// Removes the damaged values: the difference is then the whole.
    private static func removeDamaged(in database: Database) throws {
        let damaged = try Row.fetchAll(database, sql: "SELECT period, group_id FROM \(damage)")
        guard !damaged.isEmpty else { return }
        let delete = try database.cachedStatement(
            sql: "DELETE FROM \(Value.table) WHERE place = ? AND period = ? AND group_id = ?")
        for row in damaged {
            try delete.execute(arguments: [TotalsPlace.rows.rawValue, row[0] as Int64, row[1] as Int64])
        }
        try database.execute(sql: "DELETE FROM \(damage)")
    }
}
