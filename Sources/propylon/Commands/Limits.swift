import Admin
import ArgumentParser
import Clocks
import Foundation
import Policy
import Settings
import Store

/// `propylon limits`
struct Limits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the limits of a key, or of all keys, the tightest first: used, reserved and left.",
        discussion: """
            Asks the running gateway, which also knows the reservations of requests in progress. Without a running gateway \
            the usage comes from the ledger in the data folder.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: ArgumentHelp("Id of the key, or its name if no other key has it.", valueName: "key"))
    var key: String?

    @Option(help: ArgumentHelp("Only limits of which at least so much is used or reserved.", valueName: "percent"))
    var above = 0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if above < 0 { throw ValidationError("--above takes a number of percent, as 80") }
    }

    func run() async throws {
        let configuration = try option.load(for: .gateway)
        let id = try key.map { try Self.id(of: $0, configuration) }
        var report: LimitsReport
        if let page = try await AdminCall(configuration).page("/admin/v1/limits" + (id.map { "/" + $0 } ?? "")) {
            report = try JSONDecoder().decode(LimitsReport.self, from: Data(page))
        } else {
            complain(
                "no gateway is running: the usage comes from the ledger in \(configuration.dataFolder), without requests in progress"
            )
            report = try Self.fromLedger(id, configuration, time: .system)
        }
        report.limits.removeAll { $0.percent < above }
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print(try report.text(TimeText(zone: configuration.timeZone)), terminator: "")
        }
    }

    private static func id(of key: String, _ configuration: Configuration) throws -> String {
        try reading(configuration) { database throws(LedgerError) in
            guard let database else { throw .keyNotFound(key) }
            return try KeyStore(database, by: .local).find(key).id
        }
    }

    /// The limits with the usage in the data folder of `configuration`.
    static func fromLedger(
        _ id: String?, _ configuration: Configuration, time: any TimeSource
    ) throws -> LimitsReport {
        try reading(configuration) { database throws(LedgerError) in
            guard let database else { return LimitsReport(limits: []) }
            let keys = try KeyCache(database)
            let limiter = Limiter(LimitRules(configuration, at: time.now))
            try limiter.restore(from: database, keys: keys.keys, at: time.limitTime)
            return LimitsSource(limiter: limiter, keys: keys, time: time).report(ofKey: id) ?? LimitsReport(limits: [])
        }
    }

    private static func reading<Result>(
        _ configuration: Configuration, _ body: (LedgerDatabase?) throws(LedgerError) -> Result
    ) throws -> Result {
        do throws(LedgerError) {
            let database = try configuration.readLedger()
            defer { database?.close() }
            return try body(database)
        } catch {
            throw Failure(error)
        }
    }
}
