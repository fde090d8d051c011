import ArgumentParser
import Clocks
import Policy
import Settings
import Store

/// `propylon usage export`
struct UsageExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the raw rows, one a request.",
        discussion: """
            \(UsageSelection.times) Rows older than metering.retention are folded into daily totals and no longer there; \
            credits are no requests. No prompt, answer or key is in a row.

            Columns: \(RowColumn.all.map(\.name).joined(separator: ", ")).
            """)

    /// The formats.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, csv
    }

    @OptionGroup var option: ConfigurationOption
    @OptionGroup var selection: UsageSelection

    @Option(help: "Format of the rows: a JSON object a line, or comma-separated values with a head line.")
    var format = Format.jsonl

    func run() throws {
        try KeyContext.read(option) { context in
            if format == .csv { print(CSVText.text([RowColumn.all.map(\.name)]), terminator: "") }
            guard let context else { return }
            let rows = UsageRows(context.database)
            let values = try RowColumn.Context(rows, context.configuration)
            let span = try selection.span(context.time, now: context.now)
            try rows.forEach(since: span.since, until: span.until, where: selection.where.filter) { row in
                switch format {
                case .jsonl: print(RowColumn.json(row, values).line)
                case .csv: print(CSVText.text([RowColumn.all.map { $0.value(row, values).plain }]), terminator: "")
                }
            }
        }
    }
}
