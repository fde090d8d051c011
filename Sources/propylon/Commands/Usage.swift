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
            UsageShow.self, UsageExport.self, UsageRequest.self, UsageReconcile.self, UsageRebuild.self,
            UsageCredit.self, UsageReprice.self,
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
            \(UsageSelection.times) Credits count at the time of the command, in rows of the endpoint credit.

            A request with several tags counts for each of them, so the rows of --by tag may add up to more than the total.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(
        help: ArgumentHelp(
            "Grouping of the rows, separated by commas: \(GroupingList.names).", valueName: "groups"))
    var by = GroupingList(groupings: [.key])

    @OptionGroup var selection: UsageSelection

    @Option(
        help:
            "Order of the rows, the largest first; groups: by their values. (default: cost; by hour, day or month: groups)"
    )
    var sort: UsageOrder?

    @Option(help: "The most rows; a table sums the others up.")
    var top: Int?

    func validate() throws {
        if let top, top < 1 { throw ValidationError("--top takes a number of at least 1") }
    }

    @Option(help: "Format of the report.")
    var format = UsageFormat.table

    func run() throws {
        let configuration = try option.load(for: .ledger)
        do {
            let span = try selection.span(TimeText(zone: configuration.timeZone), now: .now)
            let rows = try Self.report(configuration, by: by.groupings, span.since, span.until, selection.where.filter)
            let sorted = (sort ?? .usual(by: by.groupings)).sorted(rows)
            print(UsageText(groupings: by.groupings, rows: sorted, top: top).text(format), terminator: "")
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        } catch {
            throw Failure(error)
        }
    }

    private static func report(
        _ configuration: Configuration, by groupings: [UsageGrouping], _ since: Timestamp?, _ until: Timestamp?,
        _ filter: UsageFilter
    ) throws(LedgerError) -> [UsageRow] {
        guard let database = try configuration.readLedger() else { return [] }
        defer { database.close() }
        return try UsageReport(database).report(
            by: groupings, since: since, until: until, where: filter, timeZone: configuration.timeZone,
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
