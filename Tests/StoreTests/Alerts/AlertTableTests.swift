import Clocks
import Policy
import Testing

@testable import Store

@Suite struct AlertTableTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let hook = AlertRecipient(id: "a", name: "webhook 1", kinds: [.limitReached, .storeRecovered])
    private let mail = AlertRecipient(id: "email", name: "email", kinds: EventKind.allCases)

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    private func append(_ kinds: EventKind..., keeping capacity: Int64 = 1000) throws {
        try database.append(kinds.map { Event(at: Timestamp(seconds: 7), $0, "s") }, keeping: capacity)
    }

    private func counts() throws -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try database.pendingAlerts().map { ($0.name, $0.count) })
    }

    @Test func aNewRecipientBeginsAfterTheNewestEvent() throws {
        #expect(try database.useAlertRecipients([hook]) == ["a": AlertProgress(position: 0)])
        try append(.limitReached, .limitReached)
        let progress = try database.useAlertRecipients([hook, mail])
        #expect(progress == ["a": AlertProgress(position: 0), "email": AlertProgress(position: 2)])
        #expect(try counts() == ["webhook 1": 2, "email": 0])
    }

    /// An event is an alert of those who get its kind, from its own transaction on.
    @Test func eventsWaitForThoseWhoGetTheirKind() throws {
        _ = try database.useAlertRecipients([hook, mail])
        try append(.limitRefused, .limitReached, .storeUnavailable, .storeRecovered)
        #expect(try counts() == ["webhook 1": 2, "email": 4])
        #expect(try database.nextAlert(for: hook, after: 0).alert?.number == 2)
        #expect(try database.nextAlert(for: hook, after: 2).alert?.number == 4)
        #expect(try database.nextAlert(for: hook, after: 4).alert == nil)
        #expect(try database.nextAlert(for: mail, after: 0).alert?.number == 1)
    }

    /// Who wants further kinds gets what happens from then on, and still what waited.
    @Test func furtherKindsBeginWithTheNextEvent() throws {
        _ = try database.useAlertRecipients([hook])
        try append(.limitRefused, .limitReached, .limitRefused)
        var wider = AlertRecipient(id: "a", name: "webhook 1", kinds: EventKind.allCases)
        #expect(try database.useAlertRecipients([wider])["a"]?.position == 1)
        try database.noteAlerts(AlertProgress(position: 3), of: "a")
        _ = try database.useAlertRecipients([hook])
        try append(.limitRefused, .limitRefused)
        #expect(try database.useAlertRecipients([wider])["a"]?.position == 5)
        #expect(try database.nextAlert(for: hook, after: 5).newest == 5)
        try append(.limitRefused)
        wider = hook
        #expect(try database.pendingAlerts().map(\.count) == [1])
        #expect(try database.useAlertRecipients([wider])["a"]?.position == 5)
    }

    @Test func progressIsKeptAndNeverGoesBack() throws {
        _ = try database.useAlertRecipients([hook, mail])
        try append(.limitReached, .limitReached, .limitReached)
        var progress = AlertProgress(position: 2)
        progress.failures = 5
        progress.lastError = "HTTP status 500"
        progress.triedAt = Timestamp(microseconds: 8_000_001)
        progress.nextAt = Timestamp(seconds: 9)
        try database.noteAlerts(progress, of: "a")
        // A queue that was replaced is late.
        var late = progress
        late.position = 1
        try database.noteAlerts(late, of: "a")
        try database.noteAlerts(progress, of: "nobody")
        let pending = try database.pendingAlerts()
        #expect(pending.map(\.name) == ["email", "webhook 1"])
        #expect(pending.last?.progress == progress)
        #expect(pending.last?.count == 1)
        #expect(pending.last?.first?.number == 3)
        database.close()
        let again = try LedgerDatabase(directory: folder.path)
        defer { again.close() }
        #expect(try again.useAlertRecipients([hook])["a"] == progress)
    }

    @Test func recipientsThatAreGoneAreForgotten() throws {
        _ = try database.useAlertRecipients([hook, mail])
        try append(.limitReached)
        #expect(try database.useAlertRecipients([]).isEmpty)
        #expect(try database.pendingAlerts().isEmpty)
        // One that comes back begins anew.
        #expect(try database.useAlertRecipients([hook]) == ["a": AlertProgress(position: 1)])
    }

    @Test func aRenamedRecipientKeepsWhatWaits() throws {
        _ = try database.useAlertRecipients([hook])
        try append(.limitReached)
        let renamed = AlertRecipient(id: "a", name: "webhook 12", kinds: [.limitReached])
        #expect(try database.useAlertRecipients([renamed])["a"]?.position == 0)
        #expect(try counts() == ["webhook 12": 1])
    }

    /// The bound on events is that on what waits.
    @Test func eventsThatAreRemovedWaitNoMore() throws {
        _ = try database.useAlertRecipients([hook])
        for _ in 0..<20 { try append(.limitReached, keeping: 5) }
        #expect(try counts() == ["webhook 1": 5])
        #expect(try database.nextAlert(for: hook, after: 0).alert?.number == 16)
    }

    /// More events of a newer version's kinds than a page holds hide nothing.
    @Test func unknownKindsAreSkipped() throws {
        _ = try database.useAlertRecipients([mail])
        for _ in 0..<300 { try append(.limitReached) }
        try database.pool.write { try $0.execute(sql: "UPDATE events SET kind = 'new.kind'") }
        try append(.limitReached)
        #expect(try database.nextAlert(for: mail, after: 0).alert?.number == 301)
        #expect(try counts() == ["email": 1])
    }

    @Test func keysHaveTheirNameAndTeam() throws {
        _ = try database.useAlertRecipients([mail])
        let key = KeyRecord(
            id: "abcdefghjk", name: "ada", tier: "monthly", team: "research", createdAt: Timestamp(seconds: 1),
            digest: KeyDigest(1, 2, 3, 4))
        _ = try KeyStore(database, by: .test).create(key)
        try database.append([Event(at: Timestamp(seconds: 2), .keyExpiring, key.id)], keeping: 10)
        let alert = try database.nextAlert(for: mail, after: 0).alert
        #expect(alert?.keyName == "ada")
        #expect(alert?.keyTeam == "research")
    }
}
