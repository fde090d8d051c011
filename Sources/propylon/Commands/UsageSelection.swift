import ArgumentParser
import Clocks
import Store

/// The requests that a usage command is about: `--since`, `--until` and `--where`.
struct UsageSelection: ParsableArguments {
    @Option(help: "Start, included.")
    var since: String?

    @Option(help: "End, not included.")
    var until: String?

    @Option(
        help: ArgumentHelp(
            "Only requests with these values, as key=alice,key=bob,status=200: values of one name are alternatives, an empty "
                + "one means none. Names: \(UsageFilter.groupings.map(\.rawValue).joined(separator: ", ")).",
            valueName: "conditions"))
    var `where` = UsageConditions()

    /// The span of time, nil for no bound.
    /// - Throws: `TimeText.Problem` for a text that is no time.
    func span(_ time: TimeText, now: Timestamp) throws -> (since: Timestamp?, until: Timestamp?) {
        (try since.map { try time.past($0, now: now) }, try until.map { try time.past($0, now: now) })
    }

    /// How times are written, for the help of commands.
    static let times = """
        A request counts at its start, in the configured time zone. --since and --until take a duration before now (90m, 24h, \
        7d), hour, day or month (the start of the current one), last-month, a date (2026-11-01) or a time (2026-11-01T12:00, \
        2026-11-01T12:00:00Z, 2026-11-01T12:00+01:00).
        """
}

/// The value of `--where`: conditions, separated by commas.
struct UsageConditions: ExpressibleByArgument {
    var filter = UsageFilter()

    init() {}

    init?(argument: String) {
        for condition in argument.split(separator: ",") {
            let parts = condition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let grouping = UsageGrouping(rawValue: String(parts[0])),
                UsageFilter.groupings.contains(grouping)
            else { return nil }
            filter.admit(String(parts[1]), of: grouping)
        }
        guard filter != UsageFilter() else { return nil }
    }
}
