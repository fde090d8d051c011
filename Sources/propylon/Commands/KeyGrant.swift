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
                End of the grants: a duration such as 24h, a date, a time, or hour, day, week or month for the end of the \
                current one.
                """)
        var until: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let arguments = try grants.map(LimitArgument.init)
                let key = try context.store.find(id)
                let ended = arguments.filter(\.isNone).map(\.kind)
                let new = try Self.grants(arguments.filter { !$0.isNone }, of: key, until: until, context)
                var changed = key
                if !ended.isEmpty { changed = try context.store.endGrants(key.id, of: ended, at: context.now) }
                if !new.isEmpty { changed = try context.store.grant(key.id, new, at: context.now) }
                print(
                    json ? context.text.json(changed).text + "\n" : context.text.facts(changed), terminator: "")
            }
        }

        /// The grants that `arguments` say.
        /// - Throws: `Failure` without an end in the future, and for a limit that the key does not have.
        private static func grants(
            _ arguments: [LimitArgument], of key: KeyRecord, until: String?, _ context: KeyContext
        ) throws -> [LimitGrant] {
            guard !arguments.isEmpty else { return [] }
            guard let until else {
                throw Failure("a grant needs its end: add --until 24h, week, month or a date", status: .wrongUsage)
            }
            let end = try context.time.end(until, now: context.now)
            guard end > context.now else { throw Failure("--until \(until) is in the past", status: .wrongUsage) }
            let limits = context.configuration.tiers[key.tier]?
                .adjusted(by: KeyLimits(own: key.limits.own), at: context.now)
            return try arguments.map { argument in
                guard limits?[argument.kind] != nil else {
                    throw Failure(
                        "neither the key \(key.id) nor its tier \(key.tier) has the limit \(argument.kind.rawValue), so "
                            + "there is nothing to raise", status: .wrongUsage)
                }
                return LimitGrant(kind: argument.kind, raise: try argument.raise(), until: end)
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
                print("suspended \(try context.store.suspend(try context.store.find(id).id, at: context.now).id)")
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
                print("resumed \(try context.store.resume(try context.store.find(id).id).id)")
            }
        }
    }
}
