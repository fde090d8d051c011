import Clocks
import Foundation
import GRDB
import Policy
import Synchronization
import Testing

@testable import Store

@Suite struct ResourceStoreTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test func remembersWhoMadeWhat() async throws {
        let store = ResourceStore(database)
        let file = OwnedResource(id: "file-1", kind: .file, keyID: "k1", team: "red", createdAt: Timestamp(seconds: 1))
        let output = OwnedResource(
            id: "file-2", kind: .file, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 2), batchID: "batch-1")
        try await store.add(file)
        try await store.add(output)
        // The first maker stays.
        try await store.add(
            OwnedResource(id: "file-1", kind: .file, keyID: "thief", team: nil, createdAt: Timestamp(seconds: 3)))
        for store in [store, ResourceStore(database)] {
            for _ in 0..<2 {
                let objects = try await store.objects(["file-1", "file-2", "file-3"])
                #expect(objects == ["file-1": file, "file-2": output])
            }
        }
        try await store.remove("file-1")
        #expect(try await store.objects(["file-1", "file-2"]) == ["file-2": output])
    }

    @Test func isVisibleToItsKeyAndItsTeam() {
        func key(_ id: String, _ team: String?) -> KeyRecord {
            KeyRecord(
                id: id, name: id, tier: "monthly", team: team, models: nil, createdAt: Timestamp(seconds: 1),
                expiresAt: nil, revokedAt: nil, digest: KeyDigest(number: 1))
        }
        let ofTeam = OwnedResource(id: "f", kind: .file, keyID: "k1", team: "red", createdAt: Timestamp(seconds: 1))
        #expect(ofTeam.isVisible(to: key("k1", nil)))
        #expect(ofTeam.isVisible(to: key("k2", "red")))
        #expect(!ofTeam.isVisible(to: key("k2", "blue")))
        #expect(!ofTeam.isVisible(to: key("k2", nil)))
        let ofKey = OwnedResource(id: "f", kind: .file, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1))
        #expect(ofKey.isVisible(to: key("k1", "red")))
        #expect(!ofKey.isVisible(to: key("k2", nil)))
    }

    /// A successor reads the ledger while changes are held: the rows of batches that come later are shipped, each once.
    @Test func rowsOfBatchesAreHeldAndShipped() async throws {
        let store = ResourceStore(database)
        for id in ["batch-1", "batch-2"] {
            try await store.add(
                OwnedResource(id: id, kind: .batch, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1)))
        }
        let record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "k1", team: nil, endpoint: "batches",
            startedAt: Timestamp(seconds: 1))
        let shipped = Mutex<[RequestID]>([])
        store.hold()
        async let metered = store.meter(batch: "batch-1", [record])
        let rows = { [database] in
            try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage_rows") }
        }
        #expect(try rows() == 0)
        store.resume { records in shipped.withLock { $0 += records.map(\.id) } }
        #expect(try await metered)
        #expect(try rows() == 1)
        // One that was metered before has no row, and nothing to ship.
        #expect(try await !store.meter(batch: "batch-1", [record]))
        #expect(shipped.withLock { $0 } == [record.id])
        store.stopShipping()
        #expect(try await store.meter(batch: "batch-2", [record]))
        #expect(shipped.withLock { $0.count } == 1)
    }

    private static let lines: BatchLines = {
        var part = BatchLines.Part()
        part.lines = 2
        part.likelyInputTokens = 3
        part.mostInputTokens = 4
        part.outputTokens = .max
        part.unboundedOutputs = 6
        return BatchLines(url: "/v1/\u{e9}", models: ["m": part, "": part], largestOutput: 7, fault: "Line 3: \"x\"")
    }()

    @Test func linesAreKeptWithTheirFileAndBatch() async throws {
        let store = ResourceStore(database)
        var file = OwnedResource(id: "file-1", kind: .file, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1))
        try await store.add(file)
        #expect(try await store.objects(["file-1"])["file-1"]?.lines == nil)
        try await store.setLines(Self.lines, ofFile: "file-1")
        file.lines = Self.lines
        var batch = OwnedResource(id: "batch-1", kind: .batch, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1))
        batch.lines = BatchLines(url: nil, models: [:])
        try await store.add(batch)
        // A batch keeps those that it was admitted with.
        try await store.setLines(Self.lines, ofFile: "batch-1")
        for store in [store, ResourceStore(database)] {
            #expect(try await store.objects(["file-1", "batch-1"]) == ["file-1": file, "batch-1": batch])
        }
    }

    @Test func linesThatCannotBeReadAreUnknown() async throws {
        try await ResourceStore(database).add(
            OwnedResource(id: "f", kind: .file, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1)))
        try database.writing { try $0.execute(sql: "UPDATE objects SET lines = '{\"models\": 7}'") }
        let object = try #require(try await ResourceStore(database).objects(["f"])["f"])
        #expect(object.lines == nil)
    }

    @Test func openBatchesAreThoseThatAreNotInTheLedger() async throws {
        let store = ResourceStore(database)
        for (number, kind) in [(3, OwnedResource.Kind.batch), (1, .batch), (2, .batch), (4, .file)] {
            var object = OwnedResource(
                id: "o\(number)", kind: kind, keyID: "k1", team: "t", createdAt: Timestamp(seconds: Int64(number)))
            object.lines = number == 1 ? Self.lines : nil
            try await store.add(object)
        }
        try await store.meter(batch: "o2", [])
        let open = try await store.openBatches()
        #expect(open.map(\.id) == ["o1", "o3"])
        #expect(open[0].lines == Self.lines)
        #expect(open[0].team == "t")
        #expect(try database.openBatches() == open)
        let plan = try database.reading {
            try String.fetchAll(
                $0,
                sql:
                    "EXPLAIN QUERY PLAN SELECT * FROM objects WHERE kind = 'batch' AND NOT is_metered ORDER BY created_at",
                adapter: SuffixRowAdapter(fromIndex: 3))
        }
        #expect(plan.joined().contains("objects_open_batches"), "\(plan)")
    }

    @Test func aBatchIsMeteredOnce() async throws {
        let store = ResourceStore(database)
        try await store.add(
            OwnedResource(id: "batch-1", kind: .batch, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1)))
        let metered = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await store.meter(batch: "batch-1", [record(number, "a"), record(number + 1000, "b")])
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(metered == 1)
        #expect(try await store.objects(["batch-1"])["batch-1"]?.isMetered == true)
        #expect(try await !ResourceStore(database).meter(batch: "batch-1", [record(5000, "a")]))
        #expect(try await !store.meter(batch: "batch-2", [record(5001, "a")]))
        let rows = try UsageReport(database).report(by: [.model], timeZone: .gmt, energy: .vendor)
        #expect(rows.map { $0[.model] } == ["a", "b"])
        #expect(rows.map(\.requests) == [1, 1])
    }

    @Test func memoryIsBoundedAndNothingIsForgotten() async throws {
        let store = ResourceStore(database, remembered: 4)
        let ids = (0..<50).map { "file-\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids {
                group.addTask {
                    try await store.add(
                        OwnedResource(id: id, kind: .file, keyID: "k", team: nil, createdAt: Timestamp(seconds: 1)))
                }
            }
            try await group.waitForAll()
        }
        for _ in 0..<3 {
            #expect(try await Set(store.objects(ids).keys) == Set(ids))
            for id in ids { #expect(try await store.objects([id])[id]?.id == id) }
        }
    }

    @Test func saysWhereTheStoreIsOutOfReach() async throws {
        let store = ResourceStore(database)
        let file = OwnedResource(id: "file-1", kind: .file, keyID: "k1", team: nil, createdAt: Timestamp(seconds: 1))
        database.close()
        await #expect(throws: StoreUnavailable()) { try await store.add(file) }
        await #expect(throws: StoreUnavailable()) { try await store.objects(["file-1"]) }
        await #expect(throws: StoreUnavailable()) { try await store.meter(batch: "batch-1", []) }
    }
}

private func record(_ number: Int, _ model: String) -> UsageRecord {
    let start = Timestamp(seconds: 1_790_000_000)
    var record = UsageRecord(
        id: RequestID(at: start, random: (0, UInt64(number))), keyID: "k1", team: nil, endpoint: "batches",
        startedAt: start)
    record.modelServed = model
    return record
}
