import Clocks
import Policy
import Settings
import Store

/// The configuration, the keys and the time of one command on keys.
struct KeyContext {
    let configuration: Configuration
    let database: LedgerDatabase
    let keys: KeyService
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
        do { try body() } catch LedgerError.keyNotFound(let key), KeyProblem.store(.keyNotFound(let key)) {
            throw Failure("\(LedgerError.keyNotFound(key)) (the data folder is \(configuration.dataFolder))")
        } catch let error as LedgerError {
            throw Failure(error)
        } catch let problem as KeyProblem {
            throw Failure(problem)
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        }
    }

    /// The keys of `database`, which `configuration` names.
    init(_ configuration: Configuration, _ database: LedgerDatabase, at now: Timestamp) {
        self.configuration = configuration
        self.now = now
        self.database = database
        keys = KeyService(database, configuration, by: .local, at: now)
    }

    var time: TimeText { configuration.timeText }
    var text: KeyText { KeyText(time, at: now) }
}
