import ArgumentParser
import Bytes
import Policy
import Store

/// `propylon usage credit`
struct UsageCredit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credit", abstract: "Give a key an amount of money back.",
        discussion: """
            The amount is taken off the costs of the key and its team at the time of the command: in reports, and in the \
            budgets of the present day, week and month and the total one, also those of a running gateway, within a second. \
            The account's own budget stays. `propylon usage corrections` lists who credited what, when and why. A negative \
            amount, written after --, charges the key.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "Id of the key, or its name if no other key has it.")
    var key: String

    @Argument(help: "Amount in EUR, as 5 or 0.25, with at most 9 decimals.")
    var amount: EuroAmount

    @Option(help: "Reason, for the trace.")
    var reason: CorrectionReason

    func run() throws {
        try KeyContext.run(option) { context in
            let record = try context.keys.find(key)
            let correction = try context.database.credit(
                amount.value, to: record, by: .local, reason: reason.text, at: context.now)
            let team = record.team.map { " of the team \($0)" } ?? ""
            print("credited \(amount.value.decimal) EUR to \(record.id) (\(record.name))\(team): \(correction.reason)")
        }
    }
}

/// An amount of money on the command line.
struct EuroAmount: ExpressibleByArgument {
    let value: NanoEuros

    /// Reads a decimal number but 0. Commas are refused: they group thousands in one country and begin decimals in another.
    init?(argument: String) {
        guard argument.wholeMatch(of: /-?[0-9]+(\.[0-9]{1,9})?/) != nil,
            let parts = UsageNumber.parts(argument, places: 9), parts != 0
        else { return nil }
        value = NanoEuros(parts)
    }
}

/// The reason of a correction.
struct CorrectionReason: ExpressibleByArgument {
    let text: String

    /// Reads a printable text of at most `Correction.reasonLimit` bytes.
    init?(argument: String) {
        guard !argument.allSatisfy(\.isWhitespace), argument.utf8.count <= Correction.reasonLimit,
            argument.unicodeScalars.allSatisfy(\.isPrintable)
        else { return nil }
        text = argument
    }
}
