import Clocks
import Dispatch
import Foundation
import GRDB
import Policy
import Synchronization

/// The owners of files, batches, responses and conversations, in the ledger's database. Recently requested ones are in memory.
package final class ResourceStore: ResourceDirectory {
    private enum Change: Sendable {
        case add(OwnedResource)
        case setLines(BatchLines, file: String)
        case remove(String)
        case meter(batch: String, [UsageRecord])
    }

    /// A change and its waiting task. The task resumes with true if the database changed, and with nil if it refused.
    private struct Waiting: Sendable {
        let change: Change
        let done: CheckedContinuation<Bool?, Never>
    }

    private let database: LedgerDatabase
    private let memory: Mutex<RecentResources>
    private let waiting = Mutex<[Waiting]>([])
    private let writes = DispatchQueue(label: "propylon.ledger.objects.writes")
    private let reads = DispatchQueue(label: "propylon.ledger.objects.reads")
    /// Gets the records of metered batches before they are committed.
    private let shipment = Mutex<(@Sendable ([UsageRecord]) -> Void)?>(nil)

    /// The resources of `database`. At most twice `remembered` of them stay in memory, about 300 bytes each.
    package init(_ database: LedgerDatabase, remembered: Int = 4096) {
        self.database = database
        memory = Mutex(RecentResources(limit: remembered))
    }

    package func objects(_ ids: [String]) async throws(StoreUnavailable) -> [String: OwnedResource] {
        var (found, missing) = memory.withLock { memory in
            ids.reduce(into: ([String: OwnedResource](), [String]())) { result, id in
                if let object = memory.recall(id) { result.0[id] = object } else { result.1.append(id) }
            }
        }
        guard !missing.isEmpty else { return found }
        let read = await withCheckedContinuation { done in
            reads.async { [missing] in done.resume(returning: self.read(missing)) }
        }
        guard let read else { throw StoreUnavailable() }
        for object in read { found[object.id] = object }
        return found
    }

    package func add(_ object: OwnedResource) async throws(StoreUnavailable) { _ = try await change(.add(object)) }

    package func setLines(_ lines: BatchLines, ofFile id: String) async throws(StoreUnavailable) {
        _ = try await change(.setLines(lines, file: id))
    }

    package func openBatches() async throws(StoreUnavailable) -> [OwnedResource] {
        let batches = await withCheckedContinuation { done in
            reads.async { [database] in done.resume(returning: try? database.openBatches()) }
        }
        guard let batches else { throw StoreUnavailable() }
        return batches
    }

    package func remove(_ id: String) async throws(StoreUnavailable) { _ = try await change(.remove(id)) }

    @discardableResult
    package func meter(batch id: String, _ records: [UsageRecord]) async throws(StoreUnavailable) -> Bool {
        try await change(.meter(batch: id, records))
    }

    /// Ends the running transaction, and keeps further changes waiting until `resume`. Blocks. The calls come in pairs.
    ///
    /// As `LedgerWriter.hold`: the rows of metered batches are the others of a successor.
    package func hold() { writes.sync { writes.suspend() } }

    /// Applies changes again.
    ///
    /// - Parameter shipment: Gets the records of each metered batch before they are committed, from now on; nil for nobody.
    package func resume(shipping shipment: (@Sendable ([UsageRecord]) -> Void)?) {
        self.shipment.withLock { $0 = shipment }
        writes.resume()
    }

    /// Ships no more records.
    package func stopShipping() { shipment.withLock { $0 = nil } }

    private func change(_ change: Change) async throws(StoreUnavailable) -> Bool {
        let result = await withCheckedContinuation { done in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Waiting(change: change, done: done))
                return waiting.count == 1
            }
            if isFirst { writes.async { self.write() } }
        }
        guard let result else { throw StoreUnavailable() }
        return result
    }

    /// Writes all waiting changes in one transaction. Runs on `writes` alone.
    private func write() {
        let group = waiting.withLock { waiting in
            let group = waiting
            waiting = []
            return group
        }
        let shipment = shipment.withLock { $0 }
        do {
            let results = try database.writing { database in
                var numbers = UsageGroupNumbers()
                return try group.map { waiting in
                    let isChange = try Self.apply(waiting.change, &numbers, in: database)
                    if isChange, case .meter(_, let records) = waiting.change { shipment?(records) }
                    return isChange
                }
            }
            memory.withLock { memory in
                for waiting in group {
                    switch waiting.change {
                    case .add(let object): memory.forget(object.id)
                    case .remove(let id), .meter(let id, _), .setLines(_, let id): memory.forget(id)
                    }
                }
            }
            for (waiting, result) in zip(group, results) { waiting.done.resume(returning: result) }
        } catch {
            for waiting in group { waiting.done.resume(returning: nil) }
        }
    }

    private static func apply(
        _ change: Change, _ numbers: inout UsageGroupNumbers, in database: Database
    ) throws -> Bool {
        switch change {
        case .add(let object):
            try database.execute(
                sql: """
                    INSERT INTO objects (id, kind, key_id, team, created_at, batch_id, is_metered, lines)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    object.id, object.kind.rawValue, object.keyID, object.team, object.createdAt.microseconds,
                    object.batchID, object.isMetered, try object.lines.map(Self.text),
                ])
        case .setLines(let lines, let id):
            try database.execute(
                sql: "UPDATE objects SET lines = ? WHERE id = ? AND kind = 'file'", arguments: [Self.text(lines), id])
        case .remove(let id):
            try database.execute(sql: "DELETE FROM objects WHERE id = ?", arguments: [id])
        case .meter(let id, let records):
            try database.execute(
                sql: "UPDATE objects SET is_metered = 1 WHERE id = ? AND kind = 'batch' AND NOT is_metered",
                arguments: [id])
            guard database.changesCount > 0 else { return false }
            let rows = records.map { PendingRow(record: $0, slot: nil) }
            try UsageTable.insert(rows, rows.indices, &numbers, into: database)
            return true
        }
        return database.changesCount > 0
    }

    private static func text(_ lines: BatchLines) throws -> String {
        String(decoding: try JSONEncoder().encode(lines), as: UTF8.self)
    }

    /// Reads resources and remembers them. Returns nil if the database refuses. Runs on `reads` alone.
    private func read(_ ids: [String]) -> [OwnedResource]? {
        let count = memory.withLock { $0.changeCount }
        let objects = try? database.reading { database in
            let statement = try database.cachedStatement(sql: "SELECT * FROM objects WHERE id = ?")
            return try ids.compactMap { try Row.fetchOne(statement, arguments: [$0]).flatMap(OwnedResource.init) }
        }
        memory.withLock { memory in
            // After a change the read rows may be older than those in memory.
            guard memory.changeCount == count else { return }
            for object in objects ?? [] { memory.remember(object) }
        }
        return objects
    }
}

extension OwnedResource {
    /// Reads a row of the table. Returns nil for an unknown kind.
    fileprivate init?(_ row: Row) {
        guard let kind = Kind(rawValue: row["kind"]) else { return nil }
        self.init(
            id: row["id"], kind: kind, keyID: row["key_id"], team: row["team"],
            createdAt: Timestamp(microseconds: row["created_at"]), batchID: row["batch_id"])
        isMetered = row["is_metered"]
        // Lines that cannot be read are read again from the upstream.
        lines = (row["lines"] as String?).flatMap { try? JSONDecoder().decode(BatchLines.self, from: Data($0.utf8)) }
    }
}

extension LedgerDatabase {
    /// The batches that are not in the ledger yet, the oldest first. Blocks.
    package func openBatches() throws(LedgerError) -> [OwnedResource] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM objects WHERE kind = 'batch' AND NOT is_metered ORDER BY created_at"
            ).compactMap(OwnedResource.init)
        }
    }
}
