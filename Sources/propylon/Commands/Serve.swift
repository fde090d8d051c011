import ArgumentParser
import Foundation
import Glibc
import Logging
import Policy
import Settings
import Store
import Transport
import UnixSignals

/// `propylon serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the gateway.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Use a simulated upstream in the same process: to try the gateway without an account.")
    var sandbox = false

    @Option(help: "Address to listen on, instead of those of the configuration.")
    var listen: ListenAddress?

    @Option(help: "Address of the admin listener, instead of that of the configuration.")
    var adminListen: ListenAddress?

    @Flag(help: "Show the first key also where standard output is no terminal: a log keeps it.")
    var firstKey = false

    @Flag(
        help: ArgumentHelp(
            "Take over from the gateway that runs with the same data folder, without a refused connection.",
            discussion:
                "Without a running gateway this one starts as usual. SIGUSR2 makes a gateway start its successor."))
    var takeOver = false

    func run() async throws {
        // A log reader that goes away, or a file at its size limit, must not end the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Who ignores it, which a parent may have set, is not told how a mail program ended.
        signal(SIGCHLD, SIG_DFL)
        let systemd = InheritedSockets.ofSystemd()
        let configuration = try load()
        let logRules = LogRules(configuration)
        LoggingSystem.bootstrap { _ in LineLogHandler(logRules, format: configuration.log.format) }
        let log = Logger(label: "propylon")
        // A signal ends a successor that waits for its turn; the gateway before it continues.
        let predecessor = try takeOver ? predecessor(configuration, log) : nil
        // Trap signals before anything is opened, so that a stop during the start is orderly.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr1, .sigusr2)
        let process: GatewayProcess
        do {
            let sockets = predecessor?.sockets ?? systemd
            process = try GatewayProcess(
                configuration, sandbox: sandbox, sockets: sockets, predecessor: predecessor, log: log)
            reportUnused(sockets, log)
        } catch {
            throw Failure(error)
        }
        let supervisor = GatewaySupervisor(process, logRules: logRules, log: log, load: load)
        supervisor.start(after: predecessor)
        announce(process, configuration)
        if process.storage.keys.keys.isEmpty { try offerFirstKey(process, configuration) }
        supervisor.warnOfUnlistedNames(configuration)
        await supervisor.obey(signals)
    }

    /// The configuration with the changes of the command line.
    @Sendable func load() throws -> Configuration {
        var configuration = try file.load()
        if let listen { configuration.listen = [listen] }
        if let adminListen {
            guard adminListen.isLoopback || configuration.admin.hasTokens else {
                throw Failure(
                    "--admin-listen \(adminListen.text): without admin.token only this machine may reach the admin listener; set "
                        + "one, or listen on loopback", status: .badConfiguration)
            }
            configuration.admin.listen = adminListen
        }
        return configuration
    }

    private func predecessor(_ configuration: Configuration, _ log: Logger) throws -> Predecessor? {
        do { return try Predecessor(of: configuration.data, log: log) } catch { throw Failure(error) }
    }

    private func reportUnused(_ sockets: InheritedSockets, _ log: Logger) {
        for problem in sockets.problems { log.warning("an inherited socket cannot be used: \(problem)") }
        for address in sockets.closeRest() {
            log.warning(
                "an inherited socket is closed: no listener has its address", metadata: ["address": "\(address)"])
        }
    }

    private func announce(_ process: GatewayProcess, _ configuration: Configuration) {
        say("Propylon \(Version.text) listens on \(process.addresses.joined(separator: ", "))")
        say("Admin pages (metrics, status): \(process.adminAddress)")
        say("Upstream: \(process.upstream)")
        say("Data folder: \(configuration.dataFolder)")
    }

    /// Creates the first key and shows it, unless a log would keep it.
    private func offerFirstKey(_ process: GatewayProcess, _ configuration: Configuration) throws {
        guard firstKey || isatty(STDOUT_FILENO) == 1 else {
            return say("There is no key yet. Create one: propylon keys create --name NAME")
        }
        try createFirstKey(process, configuration)
    }

    private func createFirstKey(_ process: GatewayProcess, _ configuration: Configuration) throws {
        let key: APIKey
        do throws(KeyProblem) {
            key = try KeyService(process.storage.database, configuration, by: .local, at: .now)
                .create(KeyService.Draft(name: "first")).key
        } catch { throw Failure(error) }
        let base = process.addresses[0] + "/v1"
        say(
            """

            There is no key yet, so here is the first one. \(tierText(configuration)) It is shown only now.

                export OPENAI_BASE_URL=\(base)
                export OPENAI_API_KEY=\(key.reveal())

            Try it:

                curl \(base)/chat/completions -H "Authorization: Bearer \(key.reveal())" -H "Content-Type: application/json" \\
                  -d '{"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hello"}]}'

            """)
    }

    /// The tier of the first key, and the way to another one where the operator has chosen none.
    private func tierText(_ configuration: Configuration) -> String {
        let tier = configuration.defaultTier
        let isLimited =
            configuration.tiers[tier].map { tier in LimitKind.allCases.contains { tier[$0] != nil } } ?? false
        return isLimited
            ? "It is in the tier \(tier), the default_tier."
            : "It is in the tier \(tier), the default_tier, which has no limit: `propylon keys set first --tier T` changes it."
    }
}

extension ListenAddress: ExpressibleByArgument {
    /// An address on the command line, as `127.0.0.1:8080`.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}
