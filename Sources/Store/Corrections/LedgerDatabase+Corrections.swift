import Bytes
import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Gives `key` the amount `credit` back, or charges a negative one. It counts at the time of the command, in reports and in
    /// the budgets of the key and its team.
    package func credit(
        _ credit: NanoEuros, to key: KeyRecord, by actor: AuditActor, reason: String, at now: Timestamp
    ) throws(LedgerError) -> Correction {
        let correction = Correction(
            kind: .credit, madeAt: now, madeBy: actor.name, reason: reason, keyID: key.id, team: key.team, requests: 0,
            before: .zero, after: NanoEuros(Int64(0).subtractingSaturated(credit.amount)))
        try writing { database in
            try CorrectionTable.insert(correction, at: now, into: database)
            try AuditTable.append(
                .credit, by: actor, at: now, subject: .init(id: key.id, name: key.name),
                after: AuditMembers(["credit_eur": .text(credit.decimal), "reason": .text(reason)]), to: database)
        }
        return correction
    }

    /// The corrections after the one with this number, in their order. An unchanged ledger costs one small read.
    package func corrections(after number: Int64) throws(LedgerError) -> [CostCorrection] {
        try reading { database in
            guard try CorrectionTable.lastNumber(database) > number else { return [] }
            return try CorrectionTable.changes(after: number, in: database)
        }
    }

    /// The corrections made since `moment`, the oldest first; those of one command for one key and team are one.
    package func corrections(since moment: Timestamp?) throws(LedgerError) -> [Correction] {
        try reading { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT kind, made_at, made_by, reason, key_id, team, requests, cost_before, cost_after
                    FROM usage_corrections WHERE made_at >= ? ORDER BY made_at, number
                    """, arguments: [moment?.microseconds ?? .min])
            var corrections: [Correction] = []
            var places: [Correction: Int] = [:]
            while let row = try rows.next() {
                let correction = try Correction(row)
                let command = correction.ofNothing
                if correction.kind == .reprice, let place = places[command] {
                    corrections[place].add(correction)
                } else {
                    places[command] = corrections.count
                    corrections.append(correction)
                }
            }
            return corrections
        }
    }
}

extension Correction {
    /// Reads the columns that `corrections(since:)` selects.
    fileprivate init(_ row: Row) throws {
        guard let kind = Kind(rawValue: row[0]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a correction of the usage cannot be read")
        }
        self.init(
            kind: kind, madeAt: Timestamp(microseconds: row[1]), madeBy: row[2], reason: row[3], keyID: row[4],
            team: row[5], requests: row[6], before: NanoEuros(row[7]), after: NanoEuros(row[8]))
    }

    /// The same command for the same key and team, without what it changed.
    fileprivate var ofNothing: Correction {
        var correction = self
        (correction.requests, correction.before, correction.after) = (0, .zero, .zero)
        return correction
    }

    mutating func add(_ other: Correction) {
        requests = requests.addingSaturated(other.requests)
        before = before + other.before
        after = after + other.after
    }
}
