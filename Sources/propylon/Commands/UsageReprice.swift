import ArgumentParser
import Clocks
import Gateway
import Policy
import Settings
import Store

/// `propylon usage reprice`
struct UsageReprice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprice", abstract: "Compute the costs of past requests again, with the present prices.",
        discussion: """
            A request costs what held when it began: prices with a later day in the configuration do not count. Reports and \
            limits follow, also those of a running gateway, within a second, and `propylon usage corrections` lists what \
            changed. Requests that retention has folded stay as they are. A gateway may be running: it goes on to serve. \
            Progress goes to standard error, if that is a terminal.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(help: "Start of the time, included: a duration before now, hour, day or month, a date or a time.")
    var since: String

    @Option(help: "Reason, for the trace. (default: reprice)")
    var reason: CorrectionReason?

    func run() throws {
        try KeyContext.run(option) { context in
            let since = try context.time.past(since, now: context.now)
            let prices = context.configuration.policies.prices
            let line = ProgressLine()
            let done = try context.database.reprice(
                since: since, by: .local, reason: reason?.text ?? "reprice", at: context.now,
                price: { Self.price(of: $0, prices) }
            ) { progress in
                line.show("\(progress.read) of \(progress.rows) rows read")
            }
            line.clear()
            print(
                "\(done.changed) of \(done.read) requests have another cost: \(done.before.decimal) EUR before, "
                    + "\(done.after.decimal) EUR now")
        }
    }

    /// The price of a row; nil for an endpoint of another version, whose rows stay as they are.
    static func price(of record: UsageRecord, _ prices: PriceList) -> NanoEuros? {
        ServiceKind(endpoint: record.endpoint).map { kind in
            prices.cost(of: record.units, kind: kind, model: record.modelServed, at: record.startedAt)
        }
    }
}
