import Clocks
import Foundation
import Gateway
import Logging
import Settings
import Synchronization
import Telemetry
import Transport

/// Sends the traces of requests to a collector, and metrics about them, on a loop of its own.
///
/// No request waits for it. Up to `capacity` requests wait, those beyond are dropped and counted; metrics count all of them.
final class TelemetryExport: TelemetrySink {
    private static let capacity = 8192
    /// Requests of one message.
    private static let batch = 512
    private static let attempts = 6

    /// The times of the sender, which tests shorten.
    struct Pace: Sendable {
        /// The wait for further requests before a message.
        var interval = Duration.seconds(1)
        /// The wait before the second attempt. Each further wait is twice as long.
        var firstPause = Duration.seconds(1)
        /// The time between two messages with metrics.
        var metrics = Duration.seconds(60)
    }

    /// The members of the configuration that it depends on.
    let basis: Basis
    private let way: CollectorWay
    private let messages: ExportRequest
    private let metrics: GenAIMetrics?
    private let waiting = Mutex(Waiting())
    private let startedAt: Timestamp
    private let createdAt: MonotonicTime
    private let counts: TelemetryCounts
    /// What the collector does not take.
    let troubles: TelemetryTroubles
    private let time: any TimeSource
    private let pace: Pace
    private let loop: EventLoop
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let isFinished = Atomic<Bool>(false)

    private struct Waiting {
        var requests: [TracedRequest] = []
        /// True once the last messages are made: what comes later has begun before a reload, and is dropped.
        var isClosed = false
    }

    /// The members of the configuration that an export depends on.
    struct Basis: Equatable, Sendable {
        let telemetry: Configuration.Telemetry
        let machineName: String
        let proxy: Secret?

        init(_ configuration: Configuration) {
            telemetry = configuration.telemetry
            machineName = configuration.machineName
            proxy = configuration.upstream.proxy
        }
    }

    /// An export as `configuration` says; nil where it names no collector.
    ///
    /// - Throws: where the system's certificate authorities cannot be read, or a proxy's variable is wrong.
    init?(
        _ configuration: Configuration, counts: TelemetryCounts, log: Logger, time: any TimeSource, pace: Pace = Pace()
    ) throws {
        guard let way = try CollectorWay(configuration) else { return nil }
        basis = Basis(configuration)
        self.way = way
        self.counts = counts
        troubles = TelemetryTroubles(log: log)
        self.time = time
        self.pace = pace
        startedAt = time.now
        createdAt = time.monotonic
        metrics = configuration.telemetry.metrics ? GenAIMetrics(limit: configuration.metrics.models) : nil
        var resource = Attributes()
        resource.add("service.name", "propylon")
        resource.add("service.version", Version.text)
        resource.add("service.instance.id", UUID().uuidString.lowercased())
        resource.add("host.name", configuration.machineName)
        messages = ExportRequest(resource: resource, scope: "propylon", version: Version.text)
        loop = try EventLoop(name: "propylon.telemetry")
    }

    /// What the gateway makes for this export.
    var hook: RequestTelemetry {
        let telemetry = basis.telemetry
        return RequestTelemetry(
            sampler: telemetry.traces ? TraceSampler(millionths: telemetry.sample) : nil, measures: telemetry.metrics,
            sink: self)
    }

    func report(_ request: TracedRequest) {
        if let metrics, let call = request.modelCall { metrics.add(call) }
        guard request.place?.isSampled == true else { return }
        let isDropped = waiting.withLock { waiting in
            guard waiting.requests.count < Self.capacity, !waiting.isClosed else { return true }
            waiting.requests.append(request)
            return false
        }
        if isDropped { counts.dropped.add() }
    }

    /// Begins to send. Call once.
    func start() {
        task.withLock { task in task = Task(executorPreference: loop) { [self] in await run() } }
    }

    /// Sends what is left, once, and ends. Returns after at most `limit`.
    func close(within limit: Duration = .seconds(2)) async {
        task.withLock { $0?.cancel() }
        let deadline = time.monotonic + limit
        while !isFinished.load(ordering: .relaxed), time.monotonic < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func run() async {
        let collector = Collector(way, on: loop, time: time)
        var nextMetrics = createdAt + pace.metrics
        var isLast = false
        while !isLast {
            try? await Task.sleep(for: pace.interval)
            // The round after the end sends what came during the one before.
            isLast = Task.isCancelled
            await sendTraces(to: collector, isLast: isLast)
            guard isLast || time.monotonic >= nextMetrics else { continue }
            nextMetrics = time.monotonic + pace.metrics
            await sendMetrics(to: collector)
        }
        isFinished.store(true, ordering: .relaxed)
    }

    // MARK: Messages

    private func sendTraces(to collector: Collector, isLast: Bool) async {
        let requests = waiting.withLock { waiting in
            defer { waiting = Waiting(isClosed: isLast) }
            return waiting.requests
        }
        for start in stride(from: 0, to: requests.count, by: Self.batch) {
            let batch = requests[start..<min(start + Self.batch, requests.count)]
            let isTaken = await send(messages.body(batch.lazy.flatMap(\.spans)), to: collector)
            (isTaken ? counts.sent : counts.dropped).add(batch.count)
        }
    }

    /// Sends one message of traces, again where that may help. Returns false where it is given up.
    private func send(_ body: [UInt8], to collector: Collector) async -> Bool {
        var pause = pace.firstPause
        for attempt in 1...Self.attempts {
            let outcome = await collector.post(body, to: TelemetrySignal.traces.path)
            troubles.note(outcome, of: .traces, at: time.monotonic)
            guard case .later(_, let after) = outcome else { return outcome.isTaken }
            guard attempt < Self.attempts, !Task.isCancelled else { break }
            // A part of chance, so that many gateways do not come back at one time.
            try? await Task.sleep(for: max(after ?? .zero, pause * Double.random(in: 0.8...1.2)))
            pause *= 2
        }
        return false
    }

    /// Sends all sums. A message that is lost is made up for by the next one.
    private func sendMetrics(to collector: Collector) async {
        guard let snapshots = metrics?.snapshots, !snapshots.isEmpty else { return }
        let body = messages.body(snapshots, since: startedAt, at: time.now)
        let outcome = await collector.post(body, to: TelemetrySignal.metrics.path)
        troubles.note(outcome, of: .metrics, at: time.monotonic)
    }
}
