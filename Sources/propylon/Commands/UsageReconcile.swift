import ArgumentParser
import Clocks
import Foundation
import Policy
import Settings
import Store

/// `propylon usage reconcile`
struct UsageReconcile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Compare the ledger with a statement of the upstream, by day and model.",
        discussion: """
            The statement is a CSV file with a line of titles. Commas, semicolons or tabs separate its cells. It needs a date \
            and at least one of input tokens, output tokens and amount (EUR). Without a column for the model, whole days are \
            compared. The result has the differences from the first day of the statement to its last.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "File of the statement.", completion: .file(extensions: ["csv"]))
    var invoice: String

    @Option(help: "Title of the column with the date or time. Default: date.")
    var dateColumn: String?

    @Option(help: "Title of the column with the model. Default: model, if there is one.")
    var modelColumn: String?

    @Option(help: "Title of the column with the input tokens. Default: input_tokens, if there is one.")
    var inputTokensColumn: String?

    @Option(help: "Title of the column with the output tokens. Default: output_tokens, if there is one.")
    var outputTokensColumn: String?

    @Option(help: "Title of the column with the amount in EUR. Default: amount, if there is one.")
    var amountColumn: String?

    @Option(help: "Time zone of the statement's days, as UTC or Europe/Paris. Default: the configured one.")
    var timeZone: TimeZoneName?

    @Flag(help: "Also show the days and models without a difference.")
    var all = false

    @Option(help: "Format of the comparison.")
    var format = UsageFormat.table

    func run() throws {
        let configuration = try option.load(for: .ledger)
        let zone = timeZone?.zone ?? configuration.timeZone
        do {
            let text: String
            do { text = try String(contentsOfFile: invoice, encoding: .utf8) } catch {
                throw Failure("cannot read \(invoice): check that it exists, is readable and is UTF-8")
            }
            let statement = try UsageStatement(text, columns: columns, time: TimeText(zone: zone))
            let rows = try Self.ledger(configuration, statement: statement, zone: zone)
            let comparison = UsageComparison(ledger: rows, statement: statement)
            print(comparison.text(format, all: all), terminator: "")
        } catch let problem as UsageStatement.Problem {
            throw Failure("\(invoice): \(problem)")
        } catch {
            throw Failure(error)
        }
    }

    private var columns: UsageStatement.Columns {
        UsageStatement.Columns(
            date: dateColumn, model: modelColumn, inputTokens: inputTokensColumn, outputTokens: outputTokensColumn,
            amount: amountColumn)
    }

    private static func ledger(
        _ configuration: Configuration, statement: UsageStatement, zone: TimeZone
    ) throws -> [UsageRow] {
        guard let first = statement.lines.keys.map(\.day).min(), let last = statement.lines.keys.map(\.day).max() else {
            return []
        }
        guard let database = try configuration.readLedger() else { return [] }
        defer { database.close() }
        let time = TimeText(zone: zone)
        // A day has at most 25 hours. The filter removes rows of the next day.
        return try UsageReport(database).report(
            by: statement.hasModels ? [.day, .model] : [.day], since: time.moment(first),
            until: time.moment(last) + .seconds(26 * 3600), timeZone: zone, energy: configuration.policies.energy,
            withCredits: false
        ).filter { ($0[.day] ?? "") <= last }
    }
}

/// A time zone on the command line, by its name in the IANA database.
struct TimeZoneName: ExpressibleByArgument {
    let zone: TimeZone

    init?(argument: String) {
        guard let zone = TimeZone(identifier: argument) else { return nil }
        self.zone = zone
    }
}
