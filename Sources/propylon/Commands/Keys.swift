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
            Grant.self,
        ])
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

        @Option(help: "End of the key: a duration such as 90d, a date or a time.")
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

        func validate() throws {
            if name.isEmpty { throw ValidationError("--name must not be empty") }
        }

        func run() throws {
            try KeyContext.run(option, creating: true) { context in
                let key = try KeyIssuance.create(
                    name: name, tier: try context.tier(tier ?? context.configuration.defaultTier),
                    team: try team.flatMap(context.team), expiresAt: try expires.flatMap(context.expiry),
                    models: models.flatMap(KeyContext.models),
                    limits: KeyLimits(own: try LimitArgument.limits(limits).compactMapValues(\.self)),
                    in: context.store, at: context.now)
                let record = try context.store.find(key.id)
                guard !json else { return print(context.text.json(key, of: record).text) }
                complain("Key \(key.id), \"\(name)\", in the tier \(record.tier). It is shown only now:")
                print(key.reveal())
            }
        }
    }

    /// `propylon keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, the oldest first.")

        @OptionGroup var option: ConfigurationOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            try KeyContext.read(option) { context in
                guard let context, case let keys = try context.store.list(), !keys.isEmpty else {
                    return json
                        ? print(JSONText.array([]).text)
                        : complain("There is no key yet. Create one with propylon keys create --name NAME")
                }
                if json {
                    print(JSONText.array(keys.map(context.text.json)).text)
                } else {
                    print(context.text.table(keys), terminator: "")
                }
            }
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
                let key = try context.store.find(id)
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
                let graceUntil = context.now + (try TimeText.duration(grace))
                let (key, record) = try KeyIssuance.rotate(
                    try context.store.find(id).id, graceUntil: graceUntil, in: context.store,
                    at: context.now)
                guard !json else { return print(context.text.json(key, of: record).text) }
                complain(
                    "Key \(key.id), \"\(record.name)\", has a new secret. The old one works until "
                        + "\(context.time.string(graceUntil)). \(context.text.olderSecrets(of: record))It is shown only now:"
                )
                print(key.reveal())
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
                let key = try context.store.revoke(try context.store.find(id).id, at: context.now)
                print("revoked \(key.id)")
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

        @Option(help: "End of the key: a duration from now such as 90d, a date, a time, or never.")
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
            if name?.isEmpty == true { throw ValidationError("--name must not be empty") }
        }

        func run() throws {
            try KeyContext.run(option) { context in
                let key = try context.store.update(try context.store.find(id).id, try changes(context))
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }

        /// The changes that the options name.
        func changes(_ context: KeyContext) throws -> KeyChanges {
            var changes = KeyChanges()
            changes.name = name
            changes.tier = try tier.map(context.tier)
            if let team { changes.team = try context.team(team).map { .set($0) } ?? .clear }
            if let models { changes.models = KeyContext.models(models).map { .set($0) } ?? .clear }
            if let expires { changes.expiresAt = try context.expiry(expires).map { .set($0) } ?? .clear }
            changes.limits = try LimitArgument.limits(limits).mapValues { $0.map { .set($0) } ?? .clear }
            return changes
        }
    }
}
