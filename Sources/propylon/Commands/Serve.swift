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
    static let configuration = CommandConfiguration(abstract: "Runs the gateway.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Starts the simulated upstream in the same process and uses it: to try the gateway without an account.")
    var sandbox = false

    @Option(help: "Where to listen instead of the configuration's addresses.")
    var listen: ListenAddress?

    func run() async throws {
        // Whoever reads the log may go away, and a file may not grow any more: no reasons to end.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let configuration = try load()
        LoggingSystem.bootstrap { _ in LineLogHandler(level: configuration.log.level, format: configuration.log.format)
        }
        let log = Logger(label: "propylon")
        // Trapped before anything is opened: whoever stops the gateway while it starts gets an orderly end.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigusr1)
        let process: GatewayProcess
        do {
            process = try GatewayProcess(configuration, sandbox: sandbox, log: log)
        } catch {
            throw Failure(error)
        }
        announce(process, configuration)
        if process.keys.keys.records.isEmpty { try createFirstKey(process, configuration) }
        warnOfKeysWithoutTier(process, configuration, log)
        await obey(signals, process, configuration, log)
    }

    private func load() throws -> Configuration {
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
            name: "first", tier: configuration.defaultTier, team: nil, expiresAt: nil, models: nil, in: process.keys)
        let base = process.addresses[0] + "/v1"
        say(
            """

            There is no key yet, so here is the first one, in the tier \(configuration.defaultTier). It is shown this once.

                export OPENAI_BASE_URL=\(base)
                export OPENAI_API_KEY=\(key.reveal())

            Try it:

                curl \(base)/chat/completions -H "Authorization: Bearer \(key.reveal())" -H "Content-Type: application/json" \\
                  -d '{"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hello"}]}'

            """)
    }

    private func warnOfKeysWithoutTier(_ process: GatewayProcess, _ configuration: Configuration, _ log: Logger) {
        for key in configuration.policies.keysWithoutTier(process.keys.keys) {
            log.warning(
                "a key has a tier that the configuration does not have: all its requests are refused",
                metadata: ["key": "\(key.id)", "tier": "\(key.tier)"])
        }
    }

    /// Reloads on SIGHUP, and opens the access log anew, as on SIGUSR1; drains on SIGTERM or SIGINT, at once on a second one.
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
                            log.warning("the configuration is reloaded; listeners, limits, data and log take a restart")
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

extension Configuration {
    /// Whether members differ that are only read at the start.
    fileprivate func needsRestart(after old: Configuration) -> Bool {
        listen != old.listen || admin != old.admin || data != old.data || log != old.log
            || limits.connections != old.limits.connections || limits.headerBytes != old.limits.headerBytes
            || limits.headerTimeout != old.limits.headerTimeout || limits.bodyTimeout != old.limits.bodyTimeout
            || limits.idleTimeout != old.limits.idleTimeout
    }
}

extension ListenAddress: ExpressibleByArgument {
    /// From the command line: `127.0.0.1:8080`.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}

/// Prints a line for people, at once also where standard output is a file or a pipe.
func say(_ text: String) { writeLine(text, to: STDOUT_FILENO) }
