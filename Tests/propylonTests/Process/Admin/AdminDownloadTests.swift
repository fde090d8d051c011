import Dispatch
import Foundation
import HTTPClient
import Loopback
import Policy
import Settings
import Store
import Synchronization
import Testing
import Transport

@testable import Admin
@testable import propylon

/// The downloads of the admin API of a whole gateway: backups, and charges.
@Suite(.ownThread) struct AdminDownloadTests {
    private let folder: TemporaryFolder
    private let settings: Configuration
    private let process: GatewayProcess

    init() throws {
        folder = try TemporaryFolder()
        settings = try configuration(in: folder, withTokens: true, "time_zone: Europe/Paris\n")
        process = try GatewayProcess(settings, sandbox: true, log: LogRecorder().logger)
    }

    private func call(_ path: String, token: String = "all", _ method: StaticString = "GET") async throws -> (
        status: Int, body: [UInt8]
    ) {
        var call = try #require(HTTPCall(method, process.adminAddress + "/admin/v1/" + path))
        call.fields = [("authorization", "Bearer \(token)")]
        return try await call.send(on: EventLoop(name: "test"))
    }

    /// Sends a chat completion with a new key.
    private func use(_ name: String) async throws {
        let key = try process.storage.database.issueKey(name).key
        process.storage.keys.reloadIfChanged()
        var call = try #require(HTTPCall("POST", process.addresses[0] + "/v1/chat/completions"))
        call.fields = [("authorization", "Bearer \(key.reveal())"), ("content-type", "application/json")]
        call.body = Array(#"{"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hi"}]}"#.utf8)
        #expect(try await send(call).status == 200)
        #expect(process.storage.ledger.flush())
    }

    /// The names of backups that are being made.
    private func copies() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: settings.data).filter { $0.hasPrefix("download") }
    }

    private func report(_ database: LedgerDatabase) throws -> String {
        let rows = try UsageReport(database).report(by: [.key, .model], timeZone: .gmt, energy: .vendor)
        return UsageText(groupings: [.key, .model], RankedUsage(rows: rows)).text(.json)
    }

    @Test func aBackupIsRestored() async throws {
        try await use("ada")
        let backup = try await call("backup")
        #expect(backup.status == 200)
        #expect(try copies().isEmpty)
        let (file, restored) = (folder.path + "/copy", folder.path + "/restored")
        try Data(backup.body).write(to: URL(filePath: file))
        try LedgerBackup.restore(file, to: restored)
        let database = try LedgerDatabase(directory: restored)
        defer { database.close() }
        let usage = try report(database)
        #expect(usage.contains("\"requests\": 1"))
        #expect(try usage == report(process.storage.database))
        let entry = try #require(try process.storage.database.audit(limit: 1).first)
        #expect(entry.action == "backup.download")
        #expect(entry.actor == AuditActor(name: "admin", origin: "127.0.0.1"))
        #expect(entry.after == #"{"bytes":"\#(backup.body.count)"}"#)
        await process.drain(timeout: .seconds(5))
    }

    /// Everything is in a backup: who may read alone gets none. A look at the head makes none.
    @Test func backupsAreForAdministrators() async throws {
        for token in ["see", "red"] { #expect(try await call("backup", token: token).status == 403) }
        #expect(try await call("backup", token: "wrong").status == 401)
        let head = try await call("backup", "HEAD")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(try process.storage.database.audit(limit: 1).isEmpty)
        await process.drain(timeout: .seconds(5))
    }

    /// Holds up the queue in which backups are made, until the end of `body`.
    private func holdingUpCopies(_ body: () async throws -> Void) async throws {
        let (gate, isHeldUp) = (DispatchSemaphore(value: 0), Flag())
        let work = Task {
            await AdminWork.copy.run {
                isHeldUp.set()
                gate.wait()
            }
        }
        #expect(await eventually { isHeldUp.isSet })
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        gate.signal()
        await work.value
        try result.get()
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }

    @Test func thereIsOneAtATime() async throws {
        let statuses = Mailbox<Int>()
        try await holdingUpCopies {
            for _ in 0..<3 { Task { statuses.put(try await call("backup").status) } }
            // Those that have no turn do not wait for it.
            #expect([statuses.takeSoon(), statuses.takeSoon()] == [409, 409])
        }
        #expect(statuses.takeSoon() == 200)
        #expect(try await call("backup").status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func aClientThatLeavesLeavesNothing() async throws {
        try await holdingUpCopies {
            let client = try RawClient(
                to: SocketAddress(
                    ListenAddress(
                        host: "127.0.0.1", port: Int(#require(HTTPCall("GET", process.adminAddress)).port))))
            client.send("GET /admin/v1/backup HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer all\r\n\r\n")
            #expect(await eventually { (try? await call("backup").status) == 409 })
            client.reset()
        }
        #expect(await eventually { (try? await call("backup").status) == 200 })
        #expect(try copies().isEmpty)
        await process.drain(timeout: .seconds(5))
    }

    /// The charges of the command and of the API are the same lines.
    @Test(arguments: [FocusReport.Period.day, .hour]) func chargesAreThoseOfTheCommand(period: FocusReport.Period)
        async throws
    {
        for name in ["ada", "bob"] { try await use(name) }
        let report = FocusReport(settings, by: period)
        for (query, keys) in [("", ["ada", "bob"]), ("&since=day&where=key=bob", ["bob"]), ("&until=24h", [])] {
            var filter = UsageFilter()
            for key in keys { filter.admit(key, of: .key) }
            let charges =
                keys.isEmpty
                ? []
                : try report.charges(
                    UsageReport(process.storage.database), since: nil, until: nil, where: filter,
                    energy: settings.policies.energy)
            #expect(charges.count == keys.count)
            let lines = FocusColumn.titles + charges.map { FocusColumn.line($0, report.provider) }.joined()
            let response = try await call("usage/focus?by=\(period == .day ? "day" : "hour")\(query)", token: "see")
            #expect(response.status == 200)
            #expect(String(decoding: response.body, as: UTF8.self) == lines)
        }
        for query in ["by=month", "since=soon", "where=x", "sort=cost"] {
            #expect(try await call("usage/focus?\(query)").status == 400, "\(query)")
        }
        #expect(try await call("usage/focus", token: "red").status == 403)
        #expect(try await call("usage/focus", "HEAD").body.isEmpty)
        await process.drain(timeout: .seconds(5))
    }
}
