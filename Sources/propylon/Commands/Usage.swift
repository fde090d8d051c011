import ArgumentParser
import Clocks
import Policy
import Settings
import Store

/// `propylon usage`
struct Usage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Report requests, tokens, cost and energy, and check them.",
        subcommands: [
            UsageShow.self, UsageReconcile.self, UsageRebuild.self, UsageCredit.self, UsageReprice.self,
            UsageCorrections.self,
        ], defaultSubcommand: UsageShow.self)
}

/// Format of results.
enum UsageFormat: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv
}

/// `propylon usage`, without a subcommand
struct UsageShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Report requests, tokens, cost and energy.",
        discussion: """
            A request counts at its start, in the configured time zone. --since and --until take a duration before now (90m, \
            24h, 7d), hour, day or month (the start of the current one), a date (2026-11-01) or a time \
            (2026-11-01T12:00, 2026-11-01T12:00:00Z, 2026-11-01T12:00+01:00). Credits count at the time of the command, in \
            rows of the endpoint credit.

            A request with several tags counts for each of them, so the rows of --by tag may add up to more than the total.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(
        help: ArgumentHelp(
            "Grouping of the rows, separated by commas: \(GroupingList.names).", valueName: "groups"))
    var by = GroupingList(groupings: [.key])

    @Option(help: "Start of the report, included.")
    var since: String?

    @Option(help: "End of the report, not included.")
    var until: String?

    @Option(help: "Format of the report.")
    var format = UsageFormat.table

    func run() throws {
        let configuration = try option.load()
        let time = TimeText(zone: configuration.timeZone)
        let now = Timestamp.now
        do {
            let since = try since.map { try time.past($0, now: now) }
            let until = try until.map { try time.past($0, now: now) }
            let rows = try Self.report(configuration, by: by.groupings, since: since, until: until)
            print(UsageText(groupings: by.groupings, rows: rows).text(format), terminator: "")
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        } catch {
            throw Failure(error)
        }
    }

    private static func report(
        _ configuration: Configuration, by groupings: [UsageGrouping], since: Timestamp?, until: Timestamp?
    ) throws(LedgerError) -> [UsageRow] {
        guard let database = try configuration.readLedger() else { return [] }
        defer { database.close() }
        return try UsageReport(database).report(
            by: groupings, since: since, until: until, timeZone: configuration.timeZone,
            energy: configuration.policies.energy)
    }
}

/// The value of `--by`: groupings, separated by commas.
struct GroupingList: ExpressibleByArgument, CustomStringConvertible {
    let groupings: [UsageGrouping]

    /// All groupings.
    static let names = UsageGrouping.allCases.map(\.rawValue).joined(separator: ", ")

    init(groupings: [UsageGrouping]) { self.groupings = groupings }

    init?(argument: String) {
        var groupings: [UsageGrouping] = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let grouping = UsageGrouping(rawValue: String(name)) else { return nil }
            if !groupings.contains(grouping) { groupings.append(grouping) }
        }
        self.groupings = groupings
    }

    var description: String { groupings.map(\.rawValue).joined(separator: ",") }
    var defaultValueDescription: String { description }
}
