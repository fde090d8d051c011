import Clocks
import Loopback
import ManualTime
import Metrics
import Settings
import Testing

@testable import propylon

/// The export across reloads.
@Suite(.ownThread) struct TelemetryServiceTests {
    private func service(_ members: String) throws -> TelemetryService {
        try TelemetryService(configuration(members), MetricRegistry(), log: LogRecorder().logger, time: .system)
    }

    private static let on = "telemetry: { endpoint: \"http://127.0.0.1:9\" }\n"

    @Test func withoutAnEndpointNothingIsMade() throws {
        let service = try service("telemetry: { metrics: true }\n")
        #expect(service.hook == nil)
        #expect(service.warnings.isEmpty)
    }

    @Test func aReloadBeginsReplacesAndEnds() async throws {
        let service = try service("")
        let first = try service.export(of: configuration(Self.on))
        service.use(first)
        #expect(service.hook != nil)
        // Other members of the configuration change nothing of it.
        #expect(try service.export(of: configuration(Self.on + "log: { level: error }\n")) === first)
        let second = try service.export(of: configuration("machine_name: other\n" + Self.on))
        #expect(second !== first)
        service.use(second)
        #expect(try service.export(of: configuration("machine_name: other\n" + Self.on)) === second)
        service.use(try service.export(of: configuration("")))
        #expect(service.hook == nil)
        await service.close()
    }
}
