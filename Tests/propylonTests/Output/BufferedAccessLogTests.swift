import Clocks
import Foundation
import Gateway
import Glibc
import Logging
import Policy
import Testing

@testable import propylon

@Suite struct BufferedAccessLogTests {
    private let entry = AccessEntry(
        id: RequestID(high: 1, low: 2), startedAt: Timestamp(seconds: 0), duration: .zero, client: "::1", method: "GET",
        path: "/" + String(repeating: "x", count: 200), status: 200, record: nil)

    /// A log whose reader has stopped reading: lines are dropped and counted, and nobody waits. What was kept is whole.
    @Test func aReaderThatStopsReadingCostsLinesAndNoTime() throws {
        let path = NSTemporaryDirectory() + "propylon-access-\(UUID().uuidString)"
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let reader = open(path, O_RDWR | O_NONBLOCK)
        try #require(reader >= 0)
        defer { close(reader) }
        let log = try BufferedAccessLog(
            path: path, format: .json, time: .utc, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let count = 40_000
        for _ in 0..<count { log.write(entry) }
        let dropped = log.dropped
        #expect(dropped > 0)
        // Now it reads again.
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        var newlines = 0
        while newlines < count - dropped {
            var readiness = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            try #require(poll(&readiness, 1, 10_000) == 1)
            let got = read(reader, &piece, piece.count)
            if got > 0 {
                text += piece[..<got]
                newlines += piece[..<got].count { $0 == 0x0A }
            }
            guard text.count < 64 << 20 else { break }
        }
        let lines = text.split(separator: 0x0A)
        #expect(lines.count == count - dropped)
        #expect(lines.allSatisfy { $0 == lines[0] })
        log.close()
    }

    @Test func aReloadChangesTheZone() throws {
        let path = NSTemporaryDirectory() + "propylon-access-\(UUID().uuidString)"
        defer { unlink(path) }
        let log = try BufferedAccessLog(
            path: path, format: .text, time: .utc, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        log.write(entry)
        log.use(.paris)
        log.write(entry)
        log.close()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != " " } } == ["1970-01-01T00:00:00.000Z", "1970-01-01T01:00:00.000+01:00"])
    }

    @Test func aFullDiskIsNobodysConcern() throws {
        let log = try BufferedAccessLog(
            path: "/dev/full", format: .text, time: .utc, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for _ in 0..<1000 { log.write(entry) }
        log.close()
        log.write(entry)
        log.close()
        #expect(log.dropped == 0)
    }
}
