import ArgumentParser
import Clocks
import Foundation
import Gateway
import Policy
import Settings
import Store

/// `propylon limits`
struct Limits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows every limit that applies to a key, or to all: what is used, held, and left of it.",
        discussion: """
            Asks the running gateway, which also knows what requests under way hold. Where none answers, the ledger of the \
            data folder tells what was used.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: ArgumentHelp("The key's id, or its name where no other key has it.", valueName: "key"))
    var key: String?

    @Flag(help: "Prints JSON.")
    var json = false

    func run() async throws {
        let configuration = try option.load()
        let id = try key.map { try Self.id(of: $0, configuration) }
        let report: LimitsReport
        if let page = try await AdminCall(configuration).page("/admin/v1/limits" + (id.map { "/" + $0 } ?? "")) {
            report = try JSONDecoder().decode(LimitsReport.self, from: Data(page))
        } else {
            complain("no gateway is running: this is what the ledger says")
            report = try Self.fromLedger(id, configuration)
        }
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print(try text(report, TimeText(zone: configuration.timeZone)), terminator: "")
        }
    }

    private static func id(of key: String, _ configuration: Configuration) throws -> String {
        try reading(configuration) { _, keys throws(LedgerError) in try keys.find(key).id }
    }

    private static func fromLedger(_ id: String?, _ configuration: Configuration) throws -> LimitsReport {
        try reading(configuration) { database, keys throws(LedgerError) in
            let limiter = Limiter(LimitRules(configuration))
            try limiter.restore(from: database, keys: keys.keys)
            return LimitsSource(limiter: limiter, keys: keys).report(of: id, at: SystemTime().limitTime)
                ?? LimitsReport(limits: [])
        }
    }

    private static func reading<Result>(
        _ configuration: Configuration, _ body: (LedgerDatabase, KeyStore) throws(LedgerError) -> Result
    ) throws -> Result {
        do throws(LedgerError) {
            let database = try LedgerDatabase(directory: configuration.data)
            defer { database.close() }
            return try body(database, try KeyStore(database))
        } catch {
            throw Failure(error)
        }
    }

    private func text(_ report: LimitsReport, _ time: TimeText) throws -> String {
        guard !report.limits.isEmpty else { return "No limit applies.\n" }
        var table = TextTable([
            ("WHOSE", .left), ("TIER", .left), ("LIMIT", .left), ("ALLOWED", .right), ("USED", .right),
            ("RESERVED", .right), ("LEFT", .right), ("FROM", .left), ("UNTIL", .left),
        ])
        for limit in report.limits {
            func local(_ text: String?) throws -> String { try text.map { time.string(try time.moment($0)) } ?? "-" }
            table.add([
                ([limit.scope] + (limit.subject.map { [$0] } ?? [])).joined(separator: " "), limit.tier, limit.limit,
                limit.allowed, limit.used, limit.reserved, limit.left, try local(limit.windowStart),
                try local(limit.windowEnd),
            ])
        }
        return table.text
    }
}
