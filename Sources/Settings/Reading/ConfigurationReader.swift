import Policy
import Yams

/// Reads a configuration member by member, from top to bottom. What cannot be read keeps its default, and an error is
/// reported: so the reader always comes to the end, and every error is found in one go.
struct ConfigurationReader {
    private let reading: Reading
    private let root: ConfigSection

    init(_ reading: Reading) {
        self.reading = reading
        var mapping: Node.Mapping?
        if let node = reading.document.root {
            let entry = Entry(node: node, path: "", pattern: "", position: Position(node.mark), reading: reading)
            if !entry.isNull { mapping = entry.section.flatMap { _ in node.mapping } }
        }
        root = ConfigSection(mapping, path: "", pattern: "", position: .start, reading: reading)
    }

    func read(hostName: String) -> Configuration {
        var configuration = Configuration(
            upstream: UpstreamReader.read(root.section("upstream")), machineName: hostName)
        root.set(&configuration.data, "data", .path)
        root.set(&configuration.timeZone, "time_zone", .timeZone)
        root.set(&configuration.machineName, "machine_name", .printable(limit: 64))
        let listeners = ListenerReader(root)
        configuration.listen = listeners.publicListeners(default: configuration.listen)
        listeners.readAdmin(&configuration.admin)
        listeners.checkDuplicates()
        readLimits(&configuration.limits)
        TierReader(root).read(&configuration)
        ModelReader(root.section("models")).read(&configuration.models)
        readMetering(&configuration.metering)
        readAlerts(&configuration.alerts)
        readLog(&configuration.log)
        root.finish()
        return configuration
    }

    private func readLimits(_ limits: inout Configuration.Limits) {
        let section = root.section("limits")
        section.set(&limits.headerBytes, "header_bytes", .size(1 << 10...1 << 24))
        section.set(&limits.bodyBytes, "body_bytes", .size(1 << 10...1 << 40))
        section.set(&limits.uploadBytes, "upload_bytes", .size(1 << 10...1 << 40))
        section.set(&limits.memoryBodyBytes, "memory_body_bytes", .size(0...1 << 30))
        section.set(&limits.connections, "connections", .integer(1...1_000_000))
        section.set(&limits.headerTimeout, "header_timeout", .duration(.timeout))
        section.set(&limits.bodyTimeout, "body_timeout", .duration(.timeout))
        section.set(&limits.idleTimeout, "idle_timeout", .duration(.timeout))
        section.set(&limits.drainTimeout, "drain_timeout", .duration(.zero...(.hours(24))))
        section.set(&limits.resetFormat, "reset_format", .choice)
        section.finish()
    }

    private func readMetering(_ metering: inout Configuration.Metering) {
        let section = root.section("metering")
        section.set(&metering.onDisconnect, "on_disconnect", .choice)
        section.set(&metering.userHeader, "user_header", .freeHeaderName)
        section.setOrClear(&metering.retention, "retention", .duration(.hours(24)...(.hours(24 * 36_500))))
        section.finish()
    }

    private func readAlerts(_ alerts: inout Configuration.Alerts) {
        let section = root.section("alerts")
        section.setOrClear(&alerts.webhook, "webhook", .secretURL)
        section.setOrClear(&alerts.secret, "secret", .secret)
        section.finish()
    }

    private func readLog(_ log: inout Configuration.Log) {
        let section = root.section("log")
        section.set(&log.level, "level", .choice)
        section.setOrClear(&log.format, "format", .choice)
        section.set(&log.access, "access", .boolean)
        section.setOrClear(&log.accessFile, "access_file", .path)
        section.finish()
    }
}

extension Duration {
    static func hours(_ hours: Int64) -> Duration { .seconds(hours * 3600) }
}

extension ClosedRange<Duration> {
    /// What a time-out may be. None may be 0: nothing would ever be in time.
    static var timeout: Self { .milliseconds(1)...(.hours(24)) }
}
