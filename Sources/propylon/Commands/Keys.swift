import ArgumentParser
import Clocks
import Gateway
import Policy
import Settings
import Store

/// `propylon keys`
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, shows, changes and revokes keys.",
        discussion: "A running gateway on the same data folder picks changes up within a second.",
        subcommands: [Create.self, List.self, Show.self, Rotate.self, Revoke.self, Set.self])
}

/// What every command on keys works with.
struct KeyContext {
    let configuration: Configuration
    let store: KeyStore
    let now: Timestamp
    private let database: LedgerDatabase

    /// Runs `body` on the keys of the configured data folder.
    /// - Throws: `Failure`, which says whose fault it is.
    static func run(_ option: ConfigurationOption, _ body: (KeyContext) throws -> Void) throws {
        let context = try KeyContext(try option.load())
        defer { context.database.close() }
        do {
            try body(context)
        } catch let error as LedgerError {
            throw Failure(error)
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        }
    }

    private init(_ configuration: Configuration) throws {
        self.configuration = configuration
        now = .now
        do {
            database = try LedgerDatabase(directory: configuration.data)
            store = try KeyStore(database)
        } catch {
            throw Failure(error)
        }
    }

    var time: TimeText { TimeText(zone: configuration.timeZone) }
    var text: KeyText { KeyText(time, at: now) }

    /// The tier `name`, which has to be there.
    func tier(_ name: String) throws -> String {
        guard configuration.tiers[name] == nil else { return name }
        let names = configuration.tiers.all.map(\.name).joined(separator: ", ")
        throw Failure("there is no tier \"\(name)\" in the configuration; there are: \(names)", status: .wrongUsage)
    }

    /// When a key ends whose `--expires` is `text`; nil for `never`.
    func expiry(_ text: String) throws -> Timestamp? {
        guard text != "never" else { return nil }
        let expiry = try time.future(text, now: now)
        guard expiry > now else {
            throw Failure("--expires \(text) is in the past; `propylon keys revoke` ends a key", status: .wrongUsage)
        }
        return expiry
    }

    /// The patterns of `--models`, separated by commas; nil where there are none.
    static func models(_ text: String) -> [String]? {
        let models = text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        return models.isEmpty ? nil : models
    }
}

extension Keys {
    /// `propylon keys create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it, this once.",
            discussion: "Standard output has the key alone, so that a script can take it from there.")

        @OptionGroup var option: ConfigurationOption

        @Option(help: "What its owner calls it.")
        var name: String

        @Option(help: "Its tier. (default: default_tier of the configuration)")
        var tier: String?

        @Option(help: "The team for which its usage counts.")
        var team: String?

        @Option(help: "When it ends: a duration as 90d, a date or a time.")
        var expires: String?

        @Option(help: "The models it may use, of those of its tier, separated by commas; * stands for any characters.")
        var models: String?

        @Flag(help: "Prints JSON.")
        var json = false

        func validate() throws {
            if name.isEmpty { throw ValidationError("--name must not be empty") }
        }

        func run() throws {
            try KeyContext.run(option) { context in
                let key = try KeyIssuance.create(
                    name: name, tier: try context.tier(tier ?? context.configuration.defaultTier),
                    team: team.flatMap { $0.isEmpty ? nil : $0 }, expiresAt: try expires.flatMap(context.expiry),
                    models: models.flatMap(KeyContext.models), in: context.store)
                let record = try context.store.find(key.id)
                guard !json else { return print(context.text.json(key, of: record).text) }
                complain("Key \(key.id), \"\(name)\", in the tier \(record.tier). It is shown this once:")
                print(key.reveal())
            }
        }
    }

    /// `propylon keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all keys, the oldest first.")

        @OptionGroup var option: ConfigurationOption

        @Flag(help: "Prints JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let keys = try context.store.list()
                if json {
                    print(JSONText.array(keys.map(context.text.json)).text)
                } else if keys.isEmpty {
                    complain("There is no key yet: propylon keys create --name NAME")
                } else {
                    print(context.text.table(keys), terminator: "")
                }
            }
        }
    }

    /// `propylon keys show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows all of a key but its secret, which nobody knows.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Its id, or its name where no other key has it.")
        var id: String

        @Flag(help: "Prints JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let key = try context.store.find(id)
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }
    }

    /// `propylon keys rotate`
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a key a new secret and prints it, this once. The id stays.",
            discussion: "The old secret works until the grace ends. Standard output has the key alone.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Its id, or its name where no other key has it.")
        var id: String

        @Option(help: "How long the old secret still works; 0s to end it now.")
        var grace = "24h"

        @Flag(help: "Prints JSON.")
        var json = false

        func run() throws {
            try KeyContext.run(option) { context in
                let graceUntil = context.now + (try TimeText.duration(grace))
                let (key, record) = try KeyIssuance.rotate(
                    try context.store.find(id).id, graceUntil: graceUntil, in: context.store)
                guard !json else { return print(context.text.json(key, of: record).text) }
                complain(
                    "Key \(key.id), \"\(record.name)\", has a new secret. The old one works until "
                        + "\(context.time.string(graceUntil)). It is shown this once:")
                print(key.reveal())
            }
        }
    }

    /// `propylon keys revoke`
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a key for good, at once.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Its id, or its name where no other key has it.")
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
        static let configuration = CommandConfiguration(abstract: "Changes what a key may do; what is not named stays.")

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "Its id, or its name where no other key has it.")
        var id: String

        @Option(help: "What its owner calls it.")
        var name: String?

        @Option(help: "Its tier.")
        var tier: String?

        @Option(help: "The team for which its usage counts; empty for none.")
        var team: String?

        @Option(help: "When it ends: a duration from now on as 90d, a date or a time, or never.")
        var expires: String?

        @Option(help: "The models it may use, of those of its tier, separated by commas; empty for all.")
        var models: String?

        @Flag(help: "Prints JSON.")
        var json = false

        func validate() throws {
            if [name, tier, team, expires, models].allSatisfy({ $0 == nil }) {
                throw ValidationError("nothing to change: give --name, --tier, --team, --expires or --models")
            }
            if name?.isEmpty == true { throw ValidationError("--name must not be empty") }
        }

        func run() throws {
            try KeyContext.run(option) { context in
                var changes = KeyChanges()
                changes.name = name
                changes.tier = try tier.map(context.tier)
                if let team { changes.team = team.isEmpty ? .clear : .set(team) }
                if let models { changes.models = KeyContext.models(models).map { .set($0) } ?? .clear }
                if let expires { changes.expiresAt = try context.expiry(expires).map { .set($0) } ?? .clear }
                let key = try context.store.update(try context.store.find(id).id, changes)
                print(json ? context.text.json(key).text + "\n" : context.text.facts(key), terminator: "")
            }
        }
    }
}

extension Substring {
    /// The text without spaces at its ends.
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
