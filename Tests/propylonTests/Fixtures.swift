import Clocks
import Foundation
import HTTPClient
import Logging
import Loopback
import ManualTime
import Policy
import Settings
import Store
import Synchronization
import Testing
import Transport

@testable import propylon

/// A folder that is removed with its test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "propylon-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes the file `name` and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}

extension AuditActor {
    /// The actor of tests.
    static let test = AuditActor(name: "local:ada", origin: "cli")
}

extension LedgerDatabase {
    /// Creates a key with these facts.
    func issueKey(
        _ name: String, tier: String = "monthly", team: String? = nil, at now: Timestamp = .now
    ) throws -> KeyService.Issued {
        try KeyService(self, configuration(""), by: .test, at: now)
            .create(KeyService.Draft(name: name, tier: tier, team: team))
    }
}

extension ManualTime {
    /// A clock that shows 23 November 2026, 10:00 in UTC.
    static func inNovember() -> ManualTime { ManualTime(wall: Timestamp(seconds: 1_795_428_000)) }
}

/// Collects messages, each as `level message name=value`.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }
    var messages: [String] { lines.withLock { $0 } }

    /// Returns true once a message contains `text`; false after a minute.
    func waitFor(_ text: String) async -> Bool {
        await eventually { self.messages.contains { $0.contains(text) } }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(recorder: LogRecorder) { self.recorder = recorder }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            recorder.lines.withLock { $0.append("\(event.level) \(event.message)\(details.joined())") }
        }
    }
}

/// The configuration `text`.
func configuration(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
    try Configuration.load(text: text, file: "test.yaml", environment: environment, hostName: "here") { _ in "" }.0
}

/// A configuration with free ports, the data folder `folder` and `members`.
///
/// - Parameter withTokens: True for the admin tokens `all`, `see` (scope read) and `red` (keys of the team red).
func configuration(
    in folder: TemporaryFolder, withTokens: Bool = false, _ members: String = ""
) throws -> Configuration {
    let tokens = """
        , token: all, tokens: [ \
        { name: watcher, token: see, scope: read }, { name: red, token: red, scope: "keys:team=red" } ]
        """
    return try configuration(
        """
        listen: 127.0.0.1:0
        admin: { listen: 127.0.0.1:0\(withTokens ? tokens : "") }
        data: \(folder.path)/data
        log: { access: false }

        """ + members)
}

/// A response as text.
struct Response {
    let status: Int
    let body: String
}

/// Sends a request and reads its response.
func send(_ call: HTTPCall) async throws -> Response {
    let (status, body) = try await call.send(on: EventLoop(name: "test"))
    return Response(status: status, body: String(decoding: body, as: UTF8.self))
}

/// Reads the page at `url`.
func get(_ url: String, token: String? = nil) async throws -> Response {
    var call = try #require(HTTPCall("GET", url))
    if let token { call.fields = [("authorization", "Bearer \(token)")] }
    return try await send(call)
}

extension Limiter {
    /// Counts a request of `key` that used `amounts`. Returns the percentages that it newly reached.
    @discardableResult
    func use(_ amounts: LimitAmounts, of key: KeyRecord, at now: LimitTime) throws -> [LimitAlert] {
        let request = LimitedRequest(kind: .free, model: nil, units: BillableUnits(), output: .none)
        return settle(try admit(request, of: key, at: now), .used(amounts), at: now)
    }
}
