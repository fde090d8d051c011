import Clocks
import Gateway
import Logging
import Metrics
import Settings
import Synchronization

/// The export of telemetry, which a reload may begin, replace and end.
final class TelemetryService: Sendable {
    private let counts: TelemetryCounts
    private let log: Logger
    private let time: any TimeSource
    private let current = Mutex<TelemetryExport?>(nil)

    /// Begins the export that `configuration` names, if any, and registers its counters.
    init(_ configuration: Configuration, _ registry: MetricRegistry, log: Logger, time: any TimeSource) throws {
        counts = TelemetryCounts(registry)
        self.log = log
        self.time = time
        use(try export(of: configuration))
    }

    /// What the gateway makes for the export; nil where there is none.
    var hook: RequestTelemetry? { current.withLock { $0?.hook } }

    /// The troubles with the collector, in words, for the status.
    var warnings: [String] { current.withLock { $0?.troubles.texts } ?? [] }

    /// The export that `configuration` names: the present one where nothing has changed; nil for none.
    func export(of configuration: Configuration) throws -> TelemetryExport? {
        if let present = current.withLock({ $0 }), present.basis == .init(configuration) { return present }
        return try TelemetryExport(configuration, counts: counts, log: log, time: time)
    }

    /// Uses `export` from now on. What waits in the one before is still sent.
    func use(_ export: TelemetryExport?) {
        let former = current.withLock { current in
            defer { current = export }
            return current
        }
        guard former !== export else { return }
        export?.start()
        if let former { Task { await former.close() } }
    }

    /// Sends what is left. Returns after at most two seconds.
    func close() async { await current.withLock { $0 }?.close() }
}
