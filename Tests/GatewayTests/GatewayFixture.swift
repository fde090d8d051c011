import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import Loopback
import Metrics
import Policy
import Synchronization
import Testing
import Transport

@testable import Gateway

/// A gateway over real sockets, in front of a scripted upstream or any other address.
struct GatewayFixture {
    let gateway: Gateway
    let loop: EventLoop
    let server: HTTPServer
    let address: SocketAddress
    let usage = CollectedUsage()
    let limiter: Limiter
    let objects = RememberedResources()
    let warnings = CollectedWarnings()
    let events = CollectedEvents()
    let keys: ChangingKeys
    let key: String
    let keyID: String
    let record: KeyRecord
    /// A key of the same team, and one of another.
    let matesKey: String
    let strangersKey: String

    init(
        upstream: SocketAddress, policies: Policies = Policies(), upstreamKeys: [String] = ["upstream-secret"],
        accountTier: String? = nil, models: [String]? = nil, expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil,
        telemetry: RequestTelemetry? = nil, clock: any TimeSource = .system,
        _ adjust: (inout GatewayOptions) -> Void = { _ in }
    ) throws {
        let apiKeys = (0..<3).map { _ in APIKey.generate() }
        let records = zip(apiKeys, ["team", "team", "others"]).map { key, team in
            let words = sha256(Array(key.reveal().utf8).span)
            return KeyRecord(
                id: key.id, name: "test", tier: policies.defaultTier, team: team, models: models,
                createdAt: Timestamp(seconds: 0), expiresAt: expiresAt, revokedAt: revokedAt,
                digest: KeyDigest(words.0, words.1, words.2, words.3))
        }
        key = apiKeys[0].reveal()
        keyID = apiKeys[0].id
        record = records[0]
        matesKey = apiKeys[1].reveal()
        strangersKey = apiKeys[2].reveal()
        var options = GatewayOptions(
            UpstreamOptions(
                origin: Origin(host: "127.0.0.1", port: upstream.port, isSecure: false), keys: upstreamKeys),
            temporaryDirectory: "/tmp", machineName: "test-machine")
        options.client.firstByteTimeout = .seconds(30)
        options.client.idleTimeout = .seconds(30)
        adjust(&options)
        keys = ChangingKeys(records)
        loop = try EventLoop(name: "gateway", clock: clock)
        let loops = [loop]
        limiter = Limiter(
            LimitRules(
                policies, accountTier: accountTier, zone: ZoneOffsets(periods: [.init(start: 0, offset: 0)])))
        gateway = Gateway(
            loops: loops, options: options, policies: policies, tls: nil, keys: keys,
            usage: usage, objects: objects, limiter: limiter, warnings: warnings, events: events,
            telemetry: telemetry, metrics: GatewayMetrics(MetricRegistry()),
            clock: clock)
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        server = HTTPServer(loops: loops, limits: ServerLimits(), handler: gateway)
        server.serve(listener)
    }

    /// Sends `text` on a connection of its own.
    func caller(sending text: String) throws -> RawClient {
        let caller = try RawClient(to: address)
        caller.send(text)
        return caller
    }

    /// A request to `path`, closing the connection afterwards.
    func request(
        _ path: String = "/v1/chat/completions", method: String = "POST", body: String = "", fields: String = "",
        key: String? = nil
    ) -> String {
        "\(method) \(path) HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer \(key ?? self.key)\r\nconnection: close\r\n\(fields)"
            + (method == "GET"
                ? "\r\n" : "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// The whole answer to a request; nil where the connection was reset.
    func answer(to text: String) throws -> String? { try caller(sending: text).receiveAll() }
}

/// Objects in memory.
final class RememberedResources: ResourceDirectory {
    let objects = Mutex<[String: OwnedResource]>([:])
    let metered = Mailbox<[UsageRecord]>()
    let isOutOfReach = Mutex(false)

    /// All that is known.
    var all: [String: OwnedResource] { objects.withLock { $0 } }

    private func look<Result>(_ body: (inout [String: OwnedResource]) -> Result) throws(StoreUnavailable) -> Result {
        if isOutOfReach.withLock({ $0 }) { throw StoreUnavailable() }
        return objects.withLock { body(&$0) }
    }

    func objects(_ ids: [String]) async throws(StoreUnavailable) -> [String: OwnedResource] {
        try look { $0.filter { ids.contains($0.key) } }
    }

    func add(_ object: OwnedResource) async throws(StoreUnavailable) {
        try look { if $0[object.id] == nil { $0[object.id] = object } }
    }

    func setLines(_ lines: BatchLines, ofFile id: String) async throws(StoreUnavailable) {
        try look { $0[id]?.lines = lines }
    }

    func openBatches() async throws(StoreUnavailable) -> [OwnedResource] {
        try look { $0.values.filter { $0.kind == .batch && !$0.isMetered } }
    }

    func remove(_ id: String) async throws(StoreUnavailable) { try look { $0[id] = nil } }

    func meter(batch id: String, _ records: [UsageRecord]) async throws(StoreUnavailable) -> Bool {
        let isNew = try look { objects in
            defer { objects[id]?.isMetered = true }
            return objects[id]?.isMetered == false
        }
        if isNew { metered.put(records) }
        return isNew
    }
}

/// Keeps what was told.
final class CollectedWarnings: UsageWarnings {
    let unpriced = Mailbox<MissingPrice>()
    func hasNoPrice(_ missing: MissingPrice) { unpriced.put(missing) }
    let unread = Mailbox<String>()
    func hasUnreadUsage(_ endpoint: String) { unread.put(endpoint) }
}

/// Keeps the events.
final class CollectedEvents: EventSink {
    private let collected = Mutex<[Event]>([])
    /// The events about percentages of limits, to wait for.
    let reached = Mailbox<Event>()
    func report(_ event: Event) {
        collected.withLock { $0.append(event) }
        if event.kind == .limitReached { reached.put(event) }
    }
    var all: [Event] { collected.withLock { $0 } }
    var kinds: [EventKind] { all.map(\.kind) }
}

/// Keys that a test replaces.
final class ChangingKeys: KeyDirectory {
    private let current: Mutex<KeySnapshot>
    /// The keys of the store that are not loaded yet; nil while the store is out of reach.
    let stored: Mutex<[KeyRecord]?>

    init(_ records: [KeyRecord]) {
        current = Mutex(KeySnapshot(records))
        stored = Mutex([])
    }

    var keys: KeySnapshot { current.withLock { $0 } }

    func latestKeys() async throws(StoreUnavailable) -> KeySnapshot {
        guard let stored = stored.withLock(\.self) else { throw StoreUnavailable() }
        return current.withLock { keys in
            for record in stored { keys.update(record) }
            return keys
        }
    }

    func replace(with records: [KeyRecord]) { current.withLock { $0 = KeySnapshot(records) } }
}

/// Keeps what was recorded.
final class CollectedUsage: UsageJournal {
    private let collected = Mutex<[UsageRecord]>([])
    private let arrivals = Mailbox<UsageRecord>()
    /// The records of requests that were entered in the journal.
    let begun = Mailbox<UsageRecord>()
    /// The progress of requests under way.
    let progress = Mailbox<UsageProgress>()
    /// The facts of the last request that changed.
    private let latest = Mutex<UsageProgress?>(nil)
    /// Whether the journal has no room for another request.
    let isFull = Mutex(false)
    let said = Mutex<String?>(nil)

    func record(_ record: UsageRecord) {
        collected.withLock { $0.append(record) }
        arrivals.put(record)
    }

    func begin(_ record: borrowing UsageRecord) -> InFlight? {
        if isFull.withLock({ $0 }) { return nil }
        latest.withLock { $0 = UsageProgress(record) }
        begun.put(copy record)
        return InFlight(slot: 0)
    }

    func progress(_ entry: borrowing InFlight, _ progress: UsageProgress) {
        latest.withLock { $0 = progress }
        self.progress.put(progress)
    }

    func progress(of entry: borrowing InFlight) -> UsageProgress? { latest.withLock { $0 } }

    func end(_ entry: consuming InFlight, _ record: UsageRecord) {
        _ = entry.release()
        self.record(record)
    }

    var trouble: String? { said.withLock { $0 } }
    var records: [UsageRecord] { collected.withLock { $0 } }

    /// The only record, waited for: it may be written while the caller reads on.
    func only() throws -> UsageRecord {
        let first = try #require(arrivals.takeSoon())
        #expect(records.count == 1)
        return first
    }
}

/// An answer of the upstream, as bytes.
func http(_ body: String, status: String = "200 OK", type: String = "application/json", fields: String = "") -> String {
    "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\n\(fields)content-length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// The body of an HTTP answer without chunks.
func body(of answer: String) -> String {
    answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
}

extension LimitTime {
    /// The system's clocks now.
    static var now: LimitTime { SystemTime().limitTime }
}
