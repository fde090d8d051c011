import Clocks
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct ExpiryNoticeTableTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    /// The notice and the event about `id` that are due `days` before the end, at second `end`.
    private func notice(
        _ id: String, days: Int64 = 1, end: Int64 = 100 * 86_400, _ kind: Expiring.Kind = .certificate
    ) throws -> (notice: ExpiryNotice, event: Event) {
        let now = Timestamp(seconds: end - days * 86_400)
        let notice = try #require(ExpiryNotice(Expiring(kind, id, expiresAt: Timestamp(seconds: end)), at: now))
        return (notice, Event(notice, in: id, name: "CN=\(id)", of: "upstream ca_file", at: now))
    }

    /// The subjects of the events that `notices` lead to.
    private func given(
        _ notices: [(notice: ExpiryNotice, event: Event)], in database: LedgerDatabase? = nil
    ) throws -> [String] {
        var subjects: [String] = []
        try EventLog(database ?? self.database).write(notices) { subjects += $0.map(\.subject) }
        return subjects
    }

    @Test func eachIsGivenOnce() throws {
        #expect(try given([notice("a"), notice("b"), notice("a")]) == ["a", "b"])
        #expect(try given([notice("b"), notice("c")]) == ["c"])
        #expect(try database.events(after: 0, limit: 9).map(\.event.subject) == ["a", "b", "c"])
        #expect(
            try database.events(after: 0, limit: 9).map(\.event.kind)
                == Array(repeating: .certificateExpiring, count: 3))
    }

    @Test func everyPartOfANoticeTellsItApart() throws {
        let notices = try [
            notice("a"), notice("a", days: 7), notice("a", days: 0), notice("a", end: 101 * 86_400),
            notice("a", .key), notice("b"),
        ]
        #expect(try given(notices).count == notices.count)
        #expect(try given(notices).isEmpty)
    }

    @Test func whatAnotherProcessHasGivenIsNotGivenAgain() throws {
        let other = try LedgerDatabase(directory: folder.path)
        #expect(try given([notice("a")]) == ["a"])
        #expect(try given([notice("a"), notice("b")], in: other) == ["b"])
        other.close()
        database.close()
        let reopened = try LedgerDatabase(directory: folder.path)
        #expect(try given([notice("a"), notice("b")], in: reopened).isEmpty)
        reopened.close()
    }

    @Test func manyAreGivenInSeveralTransactions() throws {
        let notices = try (0..<1234).map { try notice("\($0)") }
        #expect(try given(notices) == notices.map(\.event.subject))
        #expect(try given(notices).isEmpty)
    }

    /// A notice without its event would be lost.
    @Test func aNoticeIsGivenWithItsEventOrNotAtAll() throws {
        try database.pool.write {
            try $0.execute(
                sql: "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END")
        }
        #expect(throws: LedgerError.self) { try given([notice("a")]) }
        try database.pool.write { try $0.execute(sql: "DROP TRIGGER full") }
        #expect(try given([notice("a")]) == ["a"])
    }

    @Test func theOldestAreForgotten() throws {
        #expect(try given([notice("old"), notice("newer")]) == ["old", "newer"])
        try database.pool.write {
            try $0.execute(
                sql: "UPDATE expiry_notices SET number = ? WHERE subject = 'newer'",
                arguments: [ExpiryNoticeTable.capacity])
        }
        #expect(try given([notice("new")]) == ["new"])
        #expect(try given([notice("old"), notice("newer"), notice("new")]) == ["old"])
    }
}
