import ArgumentParser
import Bytes
import Clocks
import Policy
import Settings
import Store

/// `propylon usage corrections`
struct UsageCorrections: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corrections", abstract: "List credits and repricings: who made them, when, why, and what changed."
    )

    @OptionGroup var option: ConfigurationOption

    @Option(help: "Start of the list, as in `propylon usage`.")
    var since: String?

    @Option(help: "Format of the list.")
    var format = UsageFormat.table

    func run() throws {
        try KeyContext.read(option) { context in
            guard let context else { return print(Self.text([], format, zone: nil), terminator: "") }
            let since = try since.map { try context.time.past($0, now: context.now) }
            let corrections = try context.database.corrections(since: since)
            print(Self.text(corrections, format, zone: context.time), terminator: "")
        }
    }

    private static let names = [
        "made_at", "made_by", "kind", "key", "team", "requests", "cost_before_eur", "cost_after_eur", "change_eur",
        "reason",
    ]

    /// The list in `format`, with a newline at its end.
    static func text(_ corrections: [Correction], _ format: UsageFormat, zone: TimeText?) -> String {
        switch format {
        case .table:
            guard !corrections.isEmpty else { return "There is no correction.\n" }
            let numbers: Set = ["requests", "cost_before_eur", "cost_after_eur", "change_eur"]
            var table = TextTable(
                names.map { ($0.uppercased().replacing("_", with: " "), numbers.contains($0) ? .right : .left) })
            for correction in corrections { table.add(cells(correction, zone).map { $0.isEmpty ? "-" : $0 }) }
            return table.text
        case .json: return JSONText.array(corrections.map { json($0, zone) }).text + "\n"
        case .csv: return CSVText.text([names] + corrections.map { cells($0, zone) })
        }
    }

    private static func cells(_ correction: Correction, _ zone: TimeText?) -> [String] {
        [
            time(correction, zone), correction.madeBy, correction.kind.rawValue, correction.keyID,
            correction.team ?? "",
            String(correction.requests),
        ] + [correction.before, correction.after, correction.change].map(\.decimal) + [correction.reason]
    }

    private static func json(_ correction: Correction, _ zone: TimeText?) -> JSONText {
        .object([
            ("made_at", .string(time(correction, zone))), ("made_by", .string(correction.madeBy)),
            ("kind", .string(correction.kind.rawValue)), ("key", .string(correction.keyID)),
            ("team", .optional(correction.team)), ("requests", .integer(correction.requests)),
            ("cost_before_eur", .string(correction.before.decimal)),
            ("cost_after_eur", .string(correction.after.decimal)), ("change_eur", .string(correction.change.decimal)),
            ("reason", .string(correction.reason)),
        ])
    }

    private static func time(_ correction: Correction, _ zone: TimeText?) -> String {
        zone?.string(correction.madeAt) ?? correction.madeAt.utcText
    }
}
