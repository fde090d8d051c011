import Clocks
import Dispatch
import GRDB
import Policy
import Synchronization

/// The keys in memory, which answer every request. A change loads the changed keys alone.
package final class KeyCache: KeyDirectory {
    private struct Loaded {
        var keys: KeySnapshot
        /// `KeyTable.Version.changes` of these keys.
        var version: Int64
    }

    private let database: LedgerDatabase
    private let clock: any TimeSource
    private let loaded: Mutex<Loaded>
    private let lastError = Mutex<LedgerError?>(nil)
    private let looks = Mutex((schedule: KeyLookSchedule(), waiting: [CheckedContinuation<Bool, Never>]()))
    private let reads = DispatchQueue(label: "propylon.ledger.keys")

    /// Reads all keys of `database`. Blocks for five seconds a million keys.
    package init(_ database: LedgerDatabase, clock: any TimeSource = .system) throws(LedgerError) {
        self.database = database
        self.clock = clock
        loaded = Mutex(
            try database.reading { database in
                Loaded(
                    keys: KeySnapshot(try KeyTable.fetchAll(database)), version: try KeyTable.version(database).changes)
            })
    }

    package var keys: KeySnapshot { loaded.withLock { $0.keys } }

    /// The error of the last look at the database, or nil after a success. Until the next success, revoked keys stay valid.
    package var trouble: LedgerError? { lastError.withLock { $0 } }

    /// Loads changes. An unchanged database costs one small read. Blocks: do not call it on an event loop.
    ///
    /// After an error of the database the keys stay as they were, and `trouble` has the error.
    /// - Returns: true if keys have changed.
    @discardableResult
    package func reloadIfChanged() -> Bool {
        let known = loaded.withLock { $0.version }
        let change: Change?
        do throws(LedgerError) {
            change = try database.reading { try Change(since: known, in: $0) }
        } catch {
            lastError.withLock { $0 = error }
            return false
        }
        lastError.withLock { $0 = nil }
        guard let change else { return false }
        return loaded.withLock { loaded in
            // Of two looks at once the one that saw more stays: it has all changes of the other.
            guard change.version > loaded.version else { return false }
            loaded.version = change.version
            if change.isComplete { loaded.keys = .empty }
            for record in change.records { loaded.keys.update(record) }
            return true
        }
    }

    package func latestKeys() async throws(StoreUnavailable) -> KeySnapshot {
        let isRead = await withCheckedContinuation { done in
            let pause = looks.withLock { looks in
                looks.waiting.append(done)
                return looks.schedule.request(at: clock.monotonic)
            }
            if let pause { reads.asyncAfter(deadline: .now() + pause.dispatched) { self.look() } }
        }
        guard isRead else { throw StoreUnavailable() }
        return keys
    }

    /// Loads changes for all who wait. Runs on `reads` alone.
    private func look() {
        let waiting = looks.withLock { looks in
            // Before the read: who asks from now on needs another one.
            looks.schedule.begin(at: clock.monotonic)
            defer { looks.waiting = [] }
            return looks.waiting
        }
        reloadIfChanged()
        let isRead = trouble == nil
        for done in waiting { done.resume(returning: isRead) }
    }
}

extension KeyCache {
    /// What has changed in the table since a version.
    private struct Change {
        let records: [KeyRecord]
        let version: Int64
        /// True where `records` are all keys: some were removed.
        let isComplete: Bool

        /// Reads the changes after the version `known`. Returns nil if there are none.
        init?(since known: Int64, in database: Database) throws {
            let present = try KeyTable.version(database)
            guard present.changes != known else { return nil }
            version = present.changes
            isComplete = present.lastRemoval > known
            records =
                isComplete ? try KeyTable.fetchAll(database) : try KeyTable.fetch(changedAfter: known, from: database)
        }
    }
}
