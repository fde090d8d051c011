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

    @Option(help: ArgumentHelp("Only so many limits of all keys, the tightest.", valueName: "number"))
    var top = LimitsReport.Query().top

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if key?.isEmpty == true { throw ValidationError("the key must not be empty") }
        if above < 0 { throw ValidationError("--above takes a number of percent, as 80") }
        if top < 1 { throw ValidationError("--top takes a number of at least 1") }
    }

    func run() async throws {
        let configuration = try option.load(for: .gateway)
        let query = LimitsReport.Query(above: above, top: top)
        var report: LimitsReport
        if let page = try await AdminCall(configuration).page(Self.path(key, query)) {
            report = try JSONDecoder().decode(LimitsReport.self, from: Data(page))
        } else {
            complain(
                "no gateway is running: the usage comes from the ledger in \(configuration.dataFolder), without requests in progress"
            )
            report = try Self.fromLedger(key, configuration, query, time: .system)
        }
        if key != nil { report.limits.removeAll { $0.percent < above } }
        if report.limits.count < report.total, key == nil {
            complain("the tightest \(report.limits.count) of \(report.total) limits; --top shows more of them")
        }
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print(try report.text(configuration.timeText), terminator: "")
        }
    }

    /// The path of the page about `key`, or about all keys.
    static func path(_ key: String?, _ query: LimitsReport.Query = .init()) -> String {
        key.map { AdminCall.path("/admin/v1/limits/", $0) }
            ?? "/admin/v1/limits?above=\(query.above)&top=\(query.top)"
    }

    /// The limits of `key`, or of all keys, with the usage in the data folder of `configuration`.
    static func fromLedger(
        _ key: String?, _ configuration: Configuration, _ query: LimitsReport.Query = .init(), time: any TimeSource
    ) throws -> LimitsReport {
        do throws(LedgerError) {
            guard let database = try configuration.readLedger() else {
                if let key { throw .keyNotFound(key) }
                return LimitsReport(limits: [], total: 0)
            }
            defer { database.close() }
            let keys = try KeyCache(database)
            let limiter = Limiter(LimitRules(configuration, at: time.now))
            try limiter.restore(from: database, keys: keys.keys, at: time.limitTime)
            let store = KeyStore(database, by: .local)
            let source = LimitsSource(limiter: limiter, keys: keys, store: store, time: time)
            guard let key else { return source.limits(query) }
            return source.limits(of: try store.find(key))
        } catch {
            throw Failure(error)
        }
    }
}
