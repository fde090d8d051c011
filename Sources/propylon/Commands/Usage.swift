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

            --format focus writes the charges of the FinOps Open Cost and Usage Specification, by day or, with --by hour, by \
            hour; config/focus.md describes them.

            --speed measures the time to the upstream's first byte and the output tokens a second after it, of streams, \
            and the duration of all; of requests that metering.retention has not folded.
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
        guard format == .focus else { return }
        guard FocusReport.Period(by.groupings) != nil, top == nil, sort == nil, !speed else {
            throw ValidationError(
                "--format focus writes all charges by day, or with --by hour by hour; leave out other groups, --sort, --top "
                    + "and --speed")
        }
    }

    @Flag(
        help: """
            Also show how fast whole, successful responses were: the times or rates that 50, 95 and 99 % of them reached or \
            beat, within 3.2 %.
            """)
    var speed = false

    /// The formats.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, csv, focus
    }

    @Option(help: "Format of the report; focus: charges in the columns of FOCUS \(FocusColumn.version), as CSV.")
    var format = Format.table

    func run() throws {
        let configuration = try option.load(for: .ledger)
        do {
            let span = try selection.span(configuration.timeText, now: .now)
            guard let format = UsageFormat(rawValue: format.rawValue) else {
                return try printCharges(configuration, span.since, span.until)
            }
            let usage = try report(configuration, span.since, span.until)
            print(UsageText(groupings: by.groupings, usage, withSpeeds: speed).text(format), terminator: "")
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        } catch {
            throw Failure(error)
        }
    }

    private func printCharges(
        _ configuration: Configuration, _ since: Timestamp?, _ until: Timestamp?
    ) throws {
        print(FocusColumn.titles, terminator: "")
        guard let database = try configuration.readLedger() else { return }
        defer { database.close() }
        let report = FocusReport(configuration, by: FocusReport.Period(by.groupings) ?? .day)
        let charges = try report.charges(
            UsageReport(database), since: since, until: until, where: selection.where.filter,
            energy: configuration.policies.energy)
        for charge in charges { print(FocusColumn.line(charge, report.provider), terminator: "") }
    }

    private func report(
        _ configuration: Configuration, _ since: Timestamp?, _ until: Timestamp?
    ) throws(LedgerError) -> RankedUsage {
        var question = UsageReport.Question(
            by: by.groupings, since: since, until: until, where: selection.where.filter,
            timeZone: configuration.timeZone, energy: configuration.policies.energy)
        question.hasSpeeds = speed
        question.order = sort ?? .usual(by: by.groupings)
        question.limit = top
        guard let database = try configuration.readLedger() else { return RankedUsage(rows: []) }
        defer { database.close() }
        return try UsageReport(database).ranked(question)
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
