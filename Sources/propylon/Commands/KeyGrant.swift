import ArgumentParser
import Clocks
import Policy
import Store

extension Keys {
    /// `propylon keys grant`
    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Raise limits of a key until a moment.",
            discussion: """
                KIND=+50% adds to the limit that the key has by its tier or of its own, KIND=+20 adds an amount, and \
                KIND=none ends the grants of a limit. Grants add to each other. Limits of the team, the account, a model or \
                a user stay.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        @Argument(help: ArgumentHelp("Raises, as budget_eur_per_month=+50%.", valueName: "kind=+size"))
        var grants: [String]

        @Option(
            help: """
                End of the grants: a duration such as 24h, a date, which they end with, a time, or hour, day, week or month for the end of the \
                current one.
                """)
        var until: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let key = try context.keys.grant(id, grants.map(LimitArgument.init), until: until)
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }
    }

    /// `propylon keys suspend`
    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a key until it is resumed.",
            discussion: "Requests get 401 api_key_suspended within a second, and WebSockets of the key end.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        func run() throws {
            try KeyContext.run(option) { context in
                print("suspended \(try context.keys.suspend(id).id)")
            }
        }
    }

    /// `propylon keys resume`
    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended key work again.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        func run() throws {
            try KeyContext.run(option) { context in
                print("resumed \(try context.keys.resume(id).id)")
            }
        }
    }
}
