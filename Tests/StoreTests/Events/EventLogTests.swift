import Clocks
import Foundation
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct EventLogTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    private func event(_ second: Int64, _ kind: EventKind = .upstreamUnreachable) -> Event {
        Event(
            at: Timestamp(seconds: second), kind, "https://upstream", cause: .upstreamHostUnknown,
            detail: "the host \"x\" cannot be resolved", count: second,
            facts: [
                Event.Fact("scope", .text("né\n")), Event.Fact("percent", .number(.min)),
                Event.Fact("until", .time(Timestamp(microseconds: .max))),
            ])
    }

    @Test func whatWasReportedIsRead() throws {
        let log = EventLog(database)
        let bare = Event(at: Timestamp(seconds: 9), .configurationReloaded, "configuration")
        let events = [event(7), event(8, .limitRefused), bare]
        for event in events { log.report(event) }
        #expect(log.flush())
        let stored = try database.events(after: nil, limit: 10)
        #expect(stored.map(\.event) == events)
        #expect(stored.map(\.number) == [1, 2, 3])
        // Nothing waits any more, and nothing comes twice.
        #expect(log.flush())
        #expect(try database.events(after: nil, limit: 10).count == 3)
    }

    @Test(arguments: EventKind.allCases) func everyKindIsRead(kind: EventKind) throws {
        let log = EventLog(database)
        log.report(event(1, kind))
        #expect(log.flush())
        #expect(try database.events(after: 0, limit: 1).map(\.event.kind) == [kind])
    }

    @Test func pagesFollowACursor() throws {
        try database.append((1...7).map { event($0) }, keeping: 100)
        var seen: [Int64] = []
        var cursor: Int64 = 0
        while case let page = try database.events(after: cursor, limit: 3), let last = page.last {
            #expect(page.count <= 3)
            seen += page.map(\.event.count)
            cursor = last.number
        }
        #expect(seen == Array(1...7))
        #expect(try database.events(after: nil, limit: 2).map(\.event.count) == [6, 7])
        #expect(try database.events(after: nil, since: Timestamp(seconds: 6), limit: 9).map(\.event.count) == [6, 7])
        #expect(try database.events(after: 0, since: Timestamp(seconds: 6), limit: 1).map(\.event.count) == [6])
        #expect(try database.events(after: .max, limit: 9).isEmpty)
    }

    @Test func theOldestOnesGo() throws {
        for second in Int64(1)...50 { try database.append([event(second)], keeping: 10) }
        let kept = try database.events(after: nil, limit: 100)
        #expect(kept.map(\.event.count) == Array(41...50))
        // A number is never used again.
        #expect(kept.map(\.number) == Array(41...50))
    }

    /// Of a kind that a newer version wrote.
    @Test func unknownKindsAreSkipped() throws {
        try database.append([event(1), event(2)], keeping: 10)
        try database.pool.write { try $0.execute(sql: "UPDATE events SET kind = 'new.kind' WHERE number = 1") }
        #expect(try database.events(after: nil, limit: 10).map(\.number) == [2])
    }

    @Test func aDatabaseThatRefusesIsTriedAgain() throws {
        var pace = EventLog.Pace()
        pace.waiting = 3
        pace.delay = .seconds(3600)
        let log = EventLog(database, pace: pace)
        try database.pool.write { try $0.execute(sql: "ALTER TABLE events RENAME TO gone") }
        for second in Int64(1)...5 { log.report(event(second)) }
        #expect(!log.flush())
        // The first ones wait, the others are counted.
        #expect(log.dropped == 2)
        try database.pool.write { try $0.execute(sql: "ALTER TABLE gone RENAME TO events") }
        #expect(log.flush())
        #expect(try database.events(after: nil, limit: 10).map(\.event.count) == [1, 2, 3])
    }
}
