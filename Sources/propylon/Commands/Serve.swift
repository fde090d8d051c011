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

    func run() async throws {
        // A log reader that goes away, or a file at its size limit, must not end the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let configuration = try load()
        LoggingSystem.bootstrap { _ in LineLogHandler(level: configuration.log.level, format: configuration.log.format)
        }
        let log = Logger(label: "propylon")
        // Trap signals before anything is opened, so that a stop during the start is orderly.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr1)
        let process: GatewayProcess
        do {
            process = try GatewayProcess(configuration, sandbox: sandbox, log: log)
        } catch {
            throw Failure(error)
        }
        announce(process, configuration)
        if process.storage.keys.keys.records.isEmpty { try createFirstKey(process, configuration) }
        warnOfKeysWithoutTier(process, configuration, log)
        await obey(signals, process, configuration, log)
    }

    /// The configuration with the changes of the command line.
    func load() throws -> Configuration {
        var configuration = try file.load()
        if let listen { configuration.listen = [listen] }
        return configuration
    }

    private func announce(_ process: GatewayProcess, _ configuration: Configuration) {
        say("Propylon \(Version.text) listens on \(process.addresses.joined(separator: ", "))")
        say("Admin pages (metrics, status): \(process.adminAddress)")
        say("Upstream: \(process.upstream)")
    }

    private func createFirstKey(_ process: GatewayProcess, _ configuration: Configuration) throws {
        let key = try KeyIssuance.create(
            name: "first", tier: configuration.defaultTier, team: nil, expiresAt: nil, models: nil,
            in: process.storage.keys, at: .now)
        let base = process.addresses[0] + "/v1"
        say(
            """

            There is no key yet, so here is the first one, in the tier \(configuration.defaultTier). It is shown only now.

                export OPENAI_BASE_URL=\(base)
                export OPENAI_API_KEY=\(key.reveal())

            Try it:

                curl \(base)/chat/completions -H "Authorization: Bearer \(key.reveal())" -H "Content-Type: application/json" \\
                  -d '{"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hello"}]}'

            """)
    }

    private func warnOfKeysWithoutTier(_ process: GatewayProcess, _ configuration: Configuration, _ log: Logger) {
        for key in configuration.policies.keysWithoutTier(process.storage.keys.keys) {
            log.warning(
                "all requests of a key are refused: the configuration does not have its tier; add the tier, or change the key",
                metadata: ["key": "\(key.id)", "tier": "\(key.tier)"])
        }
    }

    /// Handles signals: SIGHUP reloads and reopens the access log, SIGUSR1 reopens it, SIGTERM and SIGINT drain, a second one
    /// cuts connections at once.
    private func obey(
        _ signals: UnixSignalsSequence, _ process: GatewayProcess, _ configuration: Configuration, _ log: Logger
    ) async {
        var current = configuration
        await withTaskGroup(of: Void.self) { group in
            var isDraining = false
            for await signal in signals {
                switch signal {
                case .sigusr1: process.reopenAccessLog()
                case .sighup:
                    process.reopenAccessLog()
                    do {
                        let new = try load()
                        try process.reload(new)
                        if new.needsRestart(after: current) {
                            log.warning(
                                "the configuration is reloaded; changes of listen, admin, data, log and some of limits take a restart"
                            )
                        } else {
                            log.info("the configuration is reloaded")
                        }
                        current = new
                        warnOfKeysWithoutTier(process, new, log)
                    } catch {
                        log.error("the configuration is not reloaded, nothing has changed: \(error)")
                    }
                default:
                    guard !isDraining else {
                        group.cancelAll()
                        continue
                    }
                    isDraining = true
                    log.info("draining", metadata: ["timeout": "\(current.limits.drainTimeout)"])
                    let timeout = current.limits.drainTimeout
                    group.addTask {
                        await process.drain(timeout: timeout)
                        log.info("ended")
                        Glibc.exit(0)
                    }
                }
            }
        }
    }
}

extension ListenAddress: ExpressibleByArgument {
    /// An address on the command line, as `127.0.0.1:8080`.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}
