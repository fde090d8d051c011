import Clocks
import Policy
import Settings
import Store

/// The configuration, the keys and the time of one command on keys.
struct KeyContext {
    let configuration: Configuration
    let database: LedgerDatabase
    let store: KeyStore
    let now: Timestamp

    /// Runs `body` on the keys of the configured data folder, to change them.
    ///
    /// - Parameter isCreating: True to create the ledger where there is none.
    /// - Throws: `Failure` with the right status.
    static func run(
        _ option: ConfigurationOption, creating isCreating: Bool = false, _ body: (KeyContext) throws -> Void
    ) throws {
        let configuration = try option.load(for: .ledger)
        try translatingErrors(configuration) {
            let database = try isCreating ? configuration.openLedger() : configuration.changeLedger()
            defer { database.close() }
            try body(KeyContext(configuration, database, at: .now))
        }
    }

    /// Runs `body` on the keys of the configured data folder, to show them: nil where it has no ledger yet.
    /// - Throws: `Failure` with the right status.
    static func read(_ option: ConfigurationOption, _ body: (KeyContext?) throws -> Void) throws {
        let configuration = try option.load(for: .ledger)
        try translatingErrors(configuration) {
            let database = try configuration.readLedger()
            defer { database?.close() }
            try body(database.map { KeyContext(configuration, $0, at: .now) })
        }
    }

    private static func translatingErrors(_ configuration: Configuration, _ body: () throws -> Void) throws {
        do { try body() } catch LedgerError.keyNotFound(let key) {
            throw Failure("\(LedgerError.keyNotFound(key)) (the data folder is \(configuration.dataFolder))")
        } catch let error as LedgerError {
            throw Failure(error)
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        }
    }

    /// The keys of `database`, which `configuration` names.
    init(_ configuration: Configuration, _ database: LedgerDatabase, at now: Timestamp) {
        self.configuration = configuration
        self.now = now
        self.database = database
        store = KeyStore(database)
    }

    var time: TimeText { TimeText(zone: configuration.timeZone) }
    var text: KeyText { KeyText(time, at: now) }

    /// The name of a tier that exists.
    /// - Throws: `Failure` for an unknown tier.
    func tier(_ name: String) throws -> String {
        guard configuration.tiers[name] == nil else { return name }
        throw Self.unknown("tier", name, among: configuration.tiers.all.map(\.name))
    }

    /// The team of `--team NAME`. Returns nil for an empty name.
    /// - Throws: `Failure` for a team that is not listed, where teams are: its keys would escape the limits of every team.
    func team(_ name: String) throws -> String? {
        guard !name.isEmpty else { return nil }
        guard !configuration.policies.isListed(team: name) else { return name }
        throw Self.unknown("team", name, among: configuration.teams.keys.sorted())
    }

    private static func unknown(_ kind: String, _ name: String, among names: [String]) -> Failure {
        let question = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        return Failure(
            "the configuration has no \(kind) \"\(name)\"; it has \(names.joined(separator: ", "))\(question)",
            status: .wrongUsage)
    }

    /// The expiry of `--expires TEXT`. Returns nil for `never`.
    func expiry(_ text: String) throws -> Timestamp? {
        guard text != "never" else { return nil }
        let expiry = try time.future(text, now: now)
        guard expiry > now else {
            throw Failure(
                "--expires \(text) is in the past; use `propylon keys revoke` to end a key", status: .wrongUsage)
        }
        return expiry
    }

    /// The patterns of `--models`, separated by commas. Returns nil for none.
    static func models(_ text: String) -> [String]? {
        let models = text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        return models.isEmpty ? nil : models
    }
}

extension Substring {
    /// The text without spaces at its ends.
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
