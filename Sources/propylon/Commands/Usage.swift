import ArgumentParser
import Clocks
import Gateway
import Policy
import Settings
import Store

/// `propylon usage`
struct Usage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports requests, tokens, cost and energy, and checks them.",
        subcommands: [UsageShow.self, UsageReconcile.self, UsageRebuild.self], defaultSubcommand: UsageShow.self)
}

/// How results are written.
enum UsageFormat: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv
}

/// `propylon usage`, without a subcommand
struct UsageShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Reports requests, tokens, cost and energy.",
        discussion: """
            Times are those at which requests began, in the configured time zone. --since and --until take a duration back \
            from now (90m, 24h, 7d), hour, day or month (the current one's beginning), a date (2026-11-01) or a time \
            (2026-11-01T12:00, 2026-11-01T12:00:00Z, 2026-11-01T12:00+01:00).

            A request with several tags counts for each of them: grouped by tag, rows may add up to more than there was.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(
        help: ArgumentHelp(
            "What rows are grouped by, separated by commas: \(GroupingList.names).", valueName: "groups"))
    var by = GroupingList(groupings: [.key])

    @Option(help: "From this moment on.")
    var since: String?

    @Option(help: "Before this moment.")
    var until: String?

    @Option(help: "How the report is written.")
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
        let database = try LedgerDatabase(directory: configuration.data)
        defer { database.close() }
        return try UsageReport(database).report(
            by: groupings, since: since, until: until, timeZone: configuration.timeZone,
            energy: configuration.policies.energy)
    }
}

/// The value of `--by`: groupings, separated by commas.
struct GroupingList: ExpressibleByArgument, CustomStringConvertible {
    let groupings: [UsageGrouping]

    /// All that can be grouped by.
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
