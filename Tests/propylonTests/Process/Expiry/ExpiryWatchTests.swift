import Clocks
import Foundation
import ManualTime
import Policy
import SeededRandom
import Store
import Synchronization
import Testing

@testable import propylon

/// The watch of a gateway that starts and ends in one data folder, with keys and a clock that tests change.
private final class WatchedFolder {
    private final class Keys: KeyDirectory {
        let current = Mutex(KeySnapshot.empty)
        var keys: KeySnapshot { current.withLock { $0 } }
        func latestKeys() async throws(StoreUnavailable) -> KeySnapshot { keys }
    }

    let folder: TemporaryFolder
    let log = LogRecorder()
    let time: ManualTime
    private let keys = Keys()
    private(set) var storage: GatewayStorage
    private(set) var watch: ExpiryWatch

    init(_ folder: TemporaryFolder, files: [CertificateFile] = [], at start: Timestamp = .now) throws {
        self.folder = folder
        time = ManualTime(wall: start)
        storage = try GatewayStorage(configuration(in: folder), log: log.logger)
        watch = ExpiryWatch(
            files, keys: keys, events: EventReporter(storage.events, log: log.logger), log: log.logger, time: time,
            timeText: .paris)
    }

    deinit { storage.close(log.logger) }

    /// Ends the process and starts the next one, with the same files.
    func restart() throws {
        let files = watch.files
        storage.close(log.logger)
        storage = try GatewayStorage(configuration(in: folder), log: log.logger)
        watch = ExpiryWatch(
            files, keys: keys, events: EventReporter(storage.events, log: log.logger), log: log.logger, time: time,
            timeText: .paris)
    }

    /// Sets the end of the key `id`; nil for never.
    func setKey(_ id: String, team: String? = nil, expiresAt: Timestamp?) {
        keys.current.withLock {
            $0.update(
                KeyRecord(
                    id: id, name: "name-of-\(id)", tier: "t", team: team, createdAt: Timestamp(seconds: 0),
                    expiresAt: expiresAt, digest: KeyDigest(1, 2, 3, UInt64(id.utf8.first ?? 0))))
        }
    }

    func events() throws -> [Event] { try storage.database.events(after: 0, limit: 10_000).map(\.event) }
}

@Suite struct ExpiryWatchTests {
    private let folder = try! TemporaryFolder()
    private static let day = Duration.seconds(86_400)

    @Test func aKeyIsToldOfThreeTimes() throws {
        let watched = try WatchedFolder(folder)
        let end = watched.time.now + .seconds(20 * 86_400)
        watched.setKey("a", team: "red", expiresAt: end)
        for _ in 0..<25 {
            for _ in 0..<2 { watched.watch.look() }
            try watched.restart()
            watched.watch.look()
            watched.time.advance(by: Self.day)
        }
        let events = try watched.events()
        #expect(events.map(\.kind) == [.keyExpiring, .keyExpiring, .keyExpiring])
        #expect(events.map(\.subject) == ["a", "a", "a"])
        #expect(events.map { $0["days"] } == [.number(14), .number(3), .number(1)])
        #expect(events.allSatisfy { $0["expires_at"] == .time(end) && $0["team"] == .text("red") })
        #expect(watched.log.messages.count { $0.hasPrefix("warning a key expires soon") } == 3)
    }

    @Test func aCertificateIsToldOfUntilItsEnd() throws {
        let certificates = TestCertificates(folder: folder)
        let path = try certificates.make("own", days: 25)
        let watched = try WatchedFolder(folder, files: certificates.listenerFiles("own"))
        for _ in 0..<30 {
            watched.watch.look()
            watched.time.advance(by: Self.day)
        }
        let events = try watched.events()
        #expect(events.map { $0["days"] } == [.number(21), .number(7), .number(1), .number(0)])
        #expect(events.map(\.kind).dropLast().allSatisfy { $0 == .certificateExpiring })
        #expect(events.last?.kind == .certificateExpired)
        #expect(events.allSatisfy { $0.subject == path && $0["certificate"] == .text("CN=own") })
        #expect(events.allSatisfy { $0["of"] == .text("127.0.0.1:8443 certificate") })
        #expect(watched.log.messages.last?.hasPrefix("error a certificate has expired") == true)
    }

    @Test func aRenewedCertificateIsAnotherOne() throws {
        let certificates = TestCertificates(folder: folder)
        try certificates.make("own", days: 6)
        let watched = try WatchedFolder(folder, files: certificates.listenerFiles("own"))
        watched.watch.look()
        try certificates.make("own", days: 60)
        watched.watch.use(try certificates.listenerFiles("own"), .paris)
        watched.watch.look()
        #expect(try watched.events().count == 1)
        watched.time.advance(by: .seconds(40 * 86_400))
        watched.watch.look()
        #expect(try watched.events().map { $0["days"] } == [.number(7), .number(21)])
    }

    /// Two listeners may have one certificate.
    @Test func oneCertificateOfOneFileIsOneNotice() throws {
        let certificates = TestCertificates(folder: folder)
        try certificates.make("own", days: 2)
        let files = try certificates.listenerFiles("own")
        let watched = try WatchedFolder(folder, files: files + files)
        watched.watch.look()
        #expect(try watched.events().count == 1)
    }

    @Test func aStartSaysWhatIsKnown() throws {
        let certificates = TestCertificates(folder: folder)
        try certificates.make("own", days: 5)
        try certificates.make("ended", days: 1)
        let files =
            try certificates.listenerFiles("own") + certificates.upstreamFiles(certificates.certificate("ended"))
        let watched = try WatchedFolder(folder, files: files)
        watched.time.advance(by: Self.day * 2)
        watched.setKey("a", expiresAt: watched.time.now + Self.day)
        watched.setKey("b", expiresAt: watched.time.now + .seconds(3600))
        watched.watch.look()
        for _ in 0..<2 {
            let before = watched.log.messages.count
            watched.watch.start()
            watched.watch.cancel()
            let lines = watched.log.messages.dropFirst(before).filter { !$0.contains("event=") }
            #expect(lines.count == 3)
            #expect(lines.first?.hasPrefix("warning the certificate in \(certificates.certificate("own"))") == true)
            #expect(lines.dropFirst().first?.hasPrefix("error the certificate in") == true)
            #expect(lines.last?.hasPrefix("warning keys expire soon") == true)
            #expect(lines.last?.contains("first=name-of-b keys=2") == true)
            try watched.restart()
        }
    }

    @Test func aLedgerOutOfReachDelaysNoticesAndIsOneLine() throws {
        let watched = try WatchedFolder(folder)
        watched.setKey("a", expiresAt: watched.time.now + Self.day)
        watched.storage.database.close()
        for _ in 0..<3 { watched.watch.look() }
        #expect(watched.log.messages.count == 1)
        #expect(watched.log.messages.first?.hasPrefix("warning notices of keys and certificates") == true)
        try watched.restart()
        watched.watch.look()
        #expect(try watched.events().map(\.subject) == ["a"])
    }

    /// Whatever the clock, the process and the keys do: no notice comes twice, and after each look all that are due were given.
    @Test(arguments: UInt64(1)...6) func noHistoryRepeatsOrMissesANotice(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let certificates = TestCertificates(folder: folder)
        try certificates.make("a", days: 40)
        try certificates.make("b", days: 45)
        let files = try certificates.upstreamFiles(certificates.bundle("a", "b", as: "both.pem"))
        let watched = try WatchedFolder(folder, files: files)
        let start = watched.time.now
        var ends: [String: Timestamp] = [:]
        var given: Set<ExpiryNotice> = []
        for _ in 0..<200 {
            switch random.number(0...5) {
            case 0: try watched.restart()
            case 1: watched.time.setWall(start + .seconds(random.number(-30...90) * 86_400))
            case 2, 3: watched.time.advance(by: .seconds(random.pick([60, 3600, 86_400, 5 * 86_400])))
            default:
                let id = random.pick(["a", "b", "c"])
                let end = random.once(in: 4) ? nil : start + .seconds(random.number(-5...60) * 86_400)
                ends[id] = end
                watched.setKey(id, expiresAt: end)
            }
            watched.watch.look()
            let now = watched.time.now
            let due = ends.compactMap { ExpiryNotice(Expiring(.key, $0.key, expiresAt: $0.value), at: now) }
            given.formUnion(due + files.flatMap { $0.notices(at: now).map(\.notice) })
            // Each of the due notices is one event, and nothing else is one.
            #expect(try watched.events().count == given.count)
        }
        let told = try watched.events().map {
            "\($0.subject) \($0["certificate"], default: "") \($0["days"], default: "") \($0["expires_at"], default: "")"
        }
        #expect(Set(told).count == told.count)
        #expect(given.count > 5)
    }
}
