import Admin
import Clocks
import Foundation
import Gateway
import Loopback
import Policy
import Settings
import Store
import Testing
import Transport

@testable import propylon

/// The whole gateway in the process of the test, in front of the sandbox.
@Suite struct GatewayProcessTests {
    private let folder = try! TemporaryFolder()
    private let log = LogRecorder()

    private func start(_ configuration: Configuration, sandbox: Bool = true) throws -> GatewayProcess {
        try GatewayProcess(configuration, sandbox: sandbox, log: log.logger)
    }

    private func start(_ members: String = "") throws -> GatewayProcess {
        try start(configuration(in: folder, members))
    }

    private func createKey(_ process: GatewayProcess, tier: String = "monthly") throws -> String {
        try process.storage.database.issueKey("ada", tier: tier).key.reveal()
    }

    private func chat(
        _ process: GatewayProcess, key: String, model: String = "sandbox:tokens=5", stream: Bool = false
    ) async throws -> Response {
        var call = try #require(HTTPCall("POST", "\(process.addresses[0])/v1/chat/completions"))
        call.fields = [("authorization", "Bearer \(key)"), ("content-type", "application/json")]
        let stream = stream ? #","stream":true"# : ""
        call.body = Array(#"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}]\#(stream)}"#.utf8)
        return try await send(call)
    }

    private func requests(in folder: TemporaryFolder) throws -> Int64 {
        let database = try LedgerDatabase(directory: "\(folder.path)/data")
        defer { database.close() }
        return try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor).first?.requests ?? 0
    }

    @Test func servesFromTheStart() async throws {
        let process = try start()
        #expect(process.addresses[0].hasPrefix("http://127.0.0.1:"))
        #expect(process.upstream.hasPrefix("the built-in sandbox at http://127.0.0.1:"))
        #expect(try await get(process.addresses[0] + "/readyz").status == 200)
        #expect(try await chat(process, key: createKey(process)).status == 200)
        await process.drain(timeout: .seconds(5))
    }

    /// A request while the clock is wrong counts then, and not in the present; after a restart too.
    @Test(arguments: [40, 400, -40] as [Int64])
    func aClockThatIsSetLocksNobodyOut(days: Int64) async throws {
        let clock = SettableClock()
        let settings = try configuration(in: folder, "tiers: { daily: { requests_per_day: 1 } }\n")
        func start() throws -> GatewayProcess {
            try GatewayProcess(settings, sandbox: true, log: log.logger, time: clock)
        }
        func waitForSteps(_ count: Int) async -> Bool {
            await eventually { log.messages.count { $0.hasPrefix("warning the wall clock was set") } == count }
        }
        var process = try start()
        let key = try createKey(process, tier: "daily")
        clock.set(days: days)
        #expect(await waitForSteps(1))
        #expect(try await chat(process, key: key).status == 200)
        #expect(try await chat(process, key: key).status == 429)
        clock.set(days: 0)
        #expect(await waitForSteps(2))
        #expect(try await chat(process, key: key).status == 200)
        #expect(try await chat(process, key: key).status == 429)
        await process.drain(timeout: .seconds(5))
        process = try start()
        #expect(try await chat(process, key: key).status == 429)
        clock.set(days: days)
        #expect(await waitForSteps(3))
        // Of that time one request is in the ledger.
        #expect(try await chat(process, key: key).status == 429)
        clock.set(days: 2 * days)
        #expect(await waitForSteps(4))
        #expect(try await chat(process, key: key).status == 200)
        await process.drain(timeout: .seconds(5))
    }

    /// Its idle connections to the upstream are closed by then: a socket that is released open traps.
    @Test func aDrainedGatewayIsReleased() async throws {
        weak var gateway: Gateway?
        do {
            let process = try start()
            #expect(try await chat(process, key: createKey(process)).status == 200)
            #expect(process.gateway.upstreamConnections.idle == 1)
            await process.drain(timeout: .seconds(5))
            gateway = process.gateway
        }
        #expect(await eventually { gateway == nil })
    }

    @Test func refusesUnknownKeys() async throws {
        let process = try start()
        #expect(try await chat(process, key: "sk-ppl-none").status == 401)
        await process.drain(timeout: .seconds(5))
    }

    @Test func servesTheAdminPages() async throws {
        let process = try start("upstream: { base_url: \"http://127.0.0.1:1/v1\" }\n")
        let key = try createKey(process)
        _ = try await chat(process, key: key)
        let metrics = try await get(process.adminAddress + "/metrics")
        #expect(metrics.body.contains("propylon_ready 1\n"))
        let status = try await get(process.adminAddress + "/admin/v1/status")
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(status.body.utf8))
        #expect(report.ready)
        #expect(report.warnings == [])
        #expect(report.listening == process.addresses)
        let limits = try await get(process.adminAddress + "/admin/v1/limits")
        #expect(limits.status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func theConfigurationPageFollowsReloads() async throws {
        let hook = "url: \"https://127.0.0.1:1/swordfish\", secret: whsec_swordfishswordfishswordfishsword"
        let process = try start("alerts: { webhooks: [{ \(hook) }] }\n")
        let page = process.adminAddress + "/admin/v1/config"
        #expect(try await get(page).body == process.running.current.show())
        #expect(try await !get(page).body.contains("swordfish"))
        let new = try configuration(in: folder, "tiers: { t: { weight: 7 } }\n")
        #expect(try await new.differences(fromShown: get(page).body).contains { $0.names == ["tiers", "t"] })
        _ = try process.reload(new)
        #expect(try await new.differences(fromShown: get(page).body).isEmpty)
        await process.drain(timeout: .seconds(5))
    }

    @Test func adminPagesNeedTheToken() async throws {
        let folder = try TemporaryFolder()
        let settings = try configuration(
            "listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0, token: swordfish }\ndata: \(folder.path)\n")
        let process = try start(settings)
        #expect(try await get(process.adminAddress + "/metrics").status == 401)
        #expect(try await get(process.adminAddress + "/metrics", token: "swordfish").status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func reloadAppliesPolicies() async throws {
        let process = try start("tiers: { t: { endpoints: [chat/completions] } }\n")
        let key = try createKey(process, tier: "t")
        #expect(try await chat(process, key: key).status == 200)
        _ = try process.reload(configuration(in: folder, "tiers: { t: { endpoints: [models] } }\n"))
        #expect(try await chat(process, key: key).status == 403)
        _ = try process.reload(configuration(in: folder, "tiers: { t: { endpoints: [chat/completions] } }\n"))
        #expect(try await chat(process, key: key).status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func reloadAppliesLimits() async throws {
        let process = try start("tiers: { t: { output_tokens_per_day: 1000000 } }\n")
        let key = try createKey(process, tier: "t")
        #expect(try await chat(process, key: key).status == 200)
        _ = try process.reload(configuration(in: folder, "tiers: { t: { output_tokens_per_day: 1 } }\n"))
        #expect(try await chat(process, key: key).status == 429)
        await process.drain(timeout: .seconds(5))
    }

    @Test func aReloadWithAnErrorChangesNothing() async throws {
        let folder = try TemporaryFolder()
        let members = "upstream: { base_url: \"http://127.0.0.1:1/v1\" }\n"
        let process = try start(configuration(in: folder, members), sandbox: false)
        #expect(throws: StartError.self) { _ = try process.reload(configuration(in: folder)) }
        #expect(try await get(process.addresses[0] + "/readyz").status == 200)
        await process.drain(timeout: .seconds(5))
    }

    /// The new address could be bound, and the file after it cannot be read: the address is free again, and nothing else moves.
    @Test(arguments: ["ca", "certificate"]) func aReloadThatFailsLeavesNothingOpen(fault: String) async throws {
        let folder = try TemporaryFolder()
        let upstream = "upstream: { base_url: \"https://127.0.0.1:1/v1\", api_keys: [upstream-key]"
        let process = try start(configuration(in: folder, upstream + " }\n"), sandbox: false)
        let probe = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = probe.address.port
        _ = consume probe
        let place = fault == "ca" ? "127.0.0.1:0" : "{ address: 127.0.0.1:0, tls: { certificate: /none, key: /none } }"
        let new = try configuration(
            "listen: [127.0.0.1:0, 127.0.0.1:\(port), \(place)]\nadmin: { listen: 127.0.0.1:0, token: new }\n"
                + "data: \(folder.path)/data\nlog: { access: false }\ndefault_tier: tier-2\n" + upstream
                + (fault == "ca" ? ", ca_file: /none }\n" : " }\n"))
        #expect(throws: TLSError.self) { _ = try process.reload(new) }
        _ = try Listener(SocketAddress("127.0.0.1", port: port)!)
        #expect(process.running.current.defaultTier == "monthly")
        #expect(process.listeners.running.count == 1)
        #expect(process.status.report.listening == process.addresses)
        #expect(try await get(process.adminAddress + "/metrics").status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func aReloadReportsItsChanges() async throws {
        let process = try start("tiers: { t: {} }\n")
        let new = try configuration(
            "listen: [127.0.0.1:0, 127.0.0.1:0]\nadmin: { listen: 127.0.0.1:0, token: new, hosts: [a.example] }\n"
                + "data: \(folder.path)/other\nlog: { access: false }\nlimits: { connections: 7 }\n")
        let report = try process.reload(new)
        #expect(report.changes.applied == ["listen", "admin.token", "admin.hosts", "tiers"])
        #expect(report.changes.deferred == ["data", "limits.connections"])
        #expect(report.configuration.data == "\(folder.path)/data")
        #expect(report.renewed.isEmpty)
        #expect(process.listeners.running.count == 2)
        #expect(process.status.report.listening.count == 2)
        #expect(process.status.report.listening[0] == process.addresses[0])
        #expect(try await get(process.adminAddress + "/metrics").status == 401)
        #expect(try await get(process.adminAddress + "/metrics", token: "new").status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func keysOfOtherProcessesTakeEffect() async throws {
        let process = try start()
        let database = try LedgerDatabase(directory: "\(folder.path)/data")
        defer { database.close() }
        let key = try database.issueKey("bob").key
        let isKnown = await eventually { process.storage.keys.keys[key.id] != nil }
        #expect(isKnown)
        #expect(try await chat(process, key: key.reveal()).status == 200)
        await process.drain(timeout: .seconds(5))
    }

    @Test func drainingLetsAStreamFinish() async throws {
        let process = try start()
        let key = try createKey(process)
        async let response = chat(process, key: key, model: "sandbox:tokens=40,interval=5ms", stream: true)
        let isRunning = await eventually { process.gateway.upstreamConnections.open > 0 }
        #expect(isRunning)
        await process.drain(timeout: .seconds(20))
        #expect(try await response.body.hasSuffix("data: [DONE]\n\n"))
        #expect(try requests(in: folder) == 1)
    }

    @Test func drainingCutsWhatDoesNotEndInTime() async throws {
        let process = try start("metering: { on_disconnect: cancel }\n")
        let key = try createKey(process)
        let response = Task { try await chat(process, key: key, model: "sandbox:tokens=9,fault=stall", stream: true) }
        let isRunning = await eventually { process.gateway.upstreamConnections.open > 0 }
        #expect(isRunning)
        await process.drain(timeout: .milliseconds(50))
        await #expect(throws: (any Error).self) { try await response.value }
        #expect(log.messages.contains { $0.hasPrefix("warning connections are cut") })
        #expect(try requests(in: folder) == 1)
    }

    @Test func afterDrainingNobodyListens() async throws {
        let process = try start()
        await process.drain(timeout: .seconds(5))
        await #expect(throws: (any Error).self) { try await get(process.addresses[0] + "/healthz") }
        await #expect(throws: (any Error).self) { try await get(process.adminAddress + "/healthz") }
    }

    @Test func oneDataFolderHasOneGateway() async throws {
        let first = try start()
        #expect { try start() } throws: { error in
            if case LedgerError.inUse = error { true } else { false }
        }
        await first.drain(timeout: .seconds(5))
    }

    @Test func withoutAKeyForTheVendorItDoesNotStart() throws {
        #expect(throws: StartError.self) {
            try start(configuration(in: folder), sandbox: false)
        }
    }

    @Test func theAccessLogIsReopenedAfterARotation() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/access.log"
        let settings = try configuration(
            "listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\ndata: \(folder.path)/data\n"
                + "log: { access_file: \(file), format: json }\n")
        let process = try start(settings)
        let key = try createKey(process)
        _ = try await chat(process, key: key)
        let isWritten = await eventually { FileManager.default.contents(atPath: file)?.isEmpty == false }
        #expect(isWritten)
        try FileManager.default.moveItem(atPath: file, toPath: file + ".1")
        process.reopenAccessLog()
        let isReopened = await eventually { FileManager.default.fileExists(atPath: file) }
        #expect(isReopened)
        _ = try await chat(process, key: key)
        await process.drain(timeout: .seconds(5))
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 1)
        #expect(try String(contentsOfFile: file + ".1", encoding: .utf8).split(separator: "\n").count == 1)
    }
}
