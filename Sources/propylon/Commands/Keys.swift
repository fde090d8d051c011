import ArgumentParser
import Clocks
import Policy
import Store

/// `propylon keys`
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create, show, change, suspend and revoke keys.",
        discussion: "A running gateway on the same data folder takes a new key at once, other changes within a second.",
        subcommands: [
            Create.self, List.self, Show.self, Rotate.self, Suspend.self, Resume.self, Revoke.self, Set.self,
            Grant.self, Import.self,
        ])

    /// The patterns of `--models`, separated by commas. Returns nil for none.
    static func models(_ text: String) -> [String]? {
        KeyRules.models(text.split(separator: ",").map(String.init))
    }
}

extension Keys {
    /// `propylon keys create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and print it, this once.",
            discussion: "Standard output has the key alone, so that a script can read it.")

        @OptionGroup var option: ConfigurationOption

        @Option(help: "Name of the key, for people.")
        var name: String

        @Option(help: "Tier of the key. (default: default_tier of the configuration)")
        var tier: String?

        @Option(help: "Team that the usage of the key counts for.")
        var team: String?

        @Option(help: "End of the key: a duration such as 90d, a date, which it ends with, or a time.")
        var expires: String?

        @Option(
            help:
                "Models that the key may use, among those of its tier, separated by commas. * is any run of characters."
        )
        var models: String?

        @Option(
            name: .customLong("limit"),
            help: ArgumentHelp(
                "Limit of the key's own, as budget_eur_per_month=10; may be repeated. It holds beside those of its tier.",
                valueName: "kind=value"))
        var limits: [String] = []

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option, creating: true) { context in
                let rules = context.keys.rules
                let issued = try context.keys.create(
                    KeyService.Draft(
                        name: name, tier: try tier.map(rules.tier), team: try team.flatMap(rules.team),
                        expiresAt: try expires.flatMap(rules.expiry), models: models.flatMap(Keys.models),
                        limits: try LimitArgument.limits(limits).compactMapValues(\.self)))
                guard !json else { return print(context.text.json(issued).text) }
                complain(
                    "Key \(issued.record.id), \"\(name)\", in the tier \(issued.record.tier). It is shown only now:")
                print(issued.key.reveal())
            }
        }
    }

    /// `propylon keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List keys, the oldest first.")

        @OptionGroup var option: ConfigurationOption

        @Option(help: "Only keys of this team.")
        var team: String?

        @Option(help: "Only keys in this tier.")
        var tier: String?

        @Option(help: "Only keys in this state: \(KeyState.allCases.map(\.rawValue).joined(separator: ", ")).")
        var state: KeyState?

        @Option(
            help: ArgumentHelp(
                "Only keys that end until then: a duration as 30d, a date or a time.", valueName: "time"))
        var expiring: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.read(option) { context in
                guard let context, case let keys = try keys(context), !keys.isEmpty else {
                    return json
                        ? print(JSONText.array([]).text)
                        : complain(
                            selectsAll
                                ? "There is no key yet. Create one with propylon keys create --name NAME"
                                : "No key is so.")
                }
                if json {
                    print(JSONText.array(keys.map(context.text.json)).text)
                } else {
                    print(context.text.table(keys), terminator: "")
                }
            }
        }

        private var selectsAll: Bool { team == nil && tier == nil && state == nil && expiring == nil }

        private func keys(_ context: KeyContext) throws -> [KeyRecord] {
            var selection = KeySelection()
            (selection.team, selection.tier) = (team, tier)
            selection.state = state.map { KeySelection.State($0, at: context.now) }
            selection.end = try expiring.map(context.keys.rules.end(within:))
            return try context.keys.store.list(selection)
        }
    }

    /// `propylon keys show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a key, except for its secret, which is not stored.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.read(option) { context in
                guard let context else { throw LedgerError.keyNotFound(id) }
                let key = try context.keys.find(id)
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }
    }

    /// `propylon keys rotate`
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key a new secret and print it, this once. The id stays.",
            discussion: """
                The old secret works until the end of --grace, and those of earlier rotations until their own ends; \
                `keys revoke` ends all of them. Standard output has the key alone.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        @Option(help: "Time for which the old secret still works; 0s to end it now.")
        var grace = "24h"

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let grace = try context.keys.rules.grace(grace)
                let issued = try context.keys.rotate(id, grace: grace)
                guard !json else { return print(context.text.json(issued).text) }
                let record = issued.record
                complain(
                    "Key \(record.id), \"\(record.name)\", has a new secret. The old one works until "
                        + "\(context.time.string(context.now + grace)). \(context.text.olderSecrets(of: record))It is shown "
                        + "only now:")
                print(issued.key.reveal())
            }
        }
    }

    /// `propylon keys revoke`
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key for good, at once.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        func run() throws {
            try KeyContext.run(option) { context in
                print("revoked \(try context.keys.revoke(id).id)")
            }
        }
    }

    /// `propylon keys set`
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a key. Members that are not named stay.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Id of the key, or its name if no other key has it.")
        var id: String

        @Option(help: "Name of the key, for people.")
        var name: String?

        @Option(help: "Tier of the key.")
        var tier: String?

        @Option(help: "Team that the usage of the key counts for; empty for none.")
        var team: String?

        @Option(help: "End of the key: a duration from now such as 90d, a date, which it ends with, a time, or never.")
        var expires: String?

        @Option(help: "Models that the key may use, among those of its tier, separated by commas; empty for all.")
        var models: String?

        @Option(
            name: .customLong("limit"),
            help: ArgumentHelp(
                "Limit of the key's own, as budget_eur_per_month=10, or =none to remove it; may be repeated.",
                valueName: "kind=value"))
        var limits: [String] = []

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            if [name, tier, team, expires, models].allSatisfy({ $0 == nil }), limits.isEmpty {
                throw ValidationError(
                    "nothing to change: give --name, --tier, --team, --expires, --models or --limit")
            }
        }

        func run() throws {
            try KeyContext.run(option) { context in
                let key = try context.keys.update(id, changes(context.keys.rules))
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }

        /// The changes that the options name.
        func changes(_ rules: KeyRules) throws(KeyProblem) -> KeyChanges {
            var changes = KeyChanges()
            changes.name = name
            if let tier { changes.tier = try rules.tier(tier) }
            if let team { changes.team = .setting(try rules.team(team)) }
            if let models { changes.models = .setting(Keys.models(models)) }
            if let expires { changes.expiresAt = .setting(try rules.expiry(expires)) }
            changes.limits = try LimitArgument.limits(limits).mapValues { .setting($0) }
            return changes
        }
    }
}

extension KeyState: ExpressibleByArgument {}
