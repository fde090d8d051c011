import Clocks
import Policy
import Settings
import Store

/// The configuration, the keys and the time of one command on keys.
struct KeyContext {
    let configuration: Configuration
    let store: KeyStore
    let now: Timestamp
    let database: LedgerDatabase

    /// Runs `body` on the keys of the configured data folder.
    /// - Throws: `Failure` with the right status.
    static func run(_ option: ConfigurationOption, _ body: (KeyContext) throws -> Void) throws {
        let context = try KeyContext(try option.load(), at: .now)
        defer { context.database.close() }
        do {
            try body(context)
        } catch let error as LedgerError {
            throw Failure(error)
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        }
    }

    /// Opens the keys of the data folder of `configuration`.
    init(_ configuration: Configuration, at now: Timestamp) throws {
        self.configuration = configuration
        self.now = now
        do {
            database = try LedgerDatabase(directory: configuration.data)
            store = try KeyStore(database)
        } catch {
            throw Failure(error)
        }
    }

    var time: TimeText { TimeText(zone: configuration.timeZone) }
    var text: KeyText { KeyText(time, at: now) }

    /// The name of a tier that exists.
    /// - Throws: `Failure` for an unknown tier.
    func tier(_ name: String) throws -> String {
        guard configuration.tiers[name] == nil else { return name }
        let names = configuration.tiers.all.map(\.name).joined(separator: ", ")
        throw Failure("the configuration has no tier \"\(name)\"; it has \(names)", status: .wrongUsage)
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
