import ArgumentParser
import Foundation
import Transport

/// The program and its commands.
@main
struct Propylon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propylon",
        abstract: "A local gateway in front of Cloud Temple's LLMaaS API: keys, tiers and usage for OpenAI clients.",
        version: Version.text,
        subcommands: [
            Serve.self, Keys.self, Usage.self, Limits.self, Requests.self, Events.self, Alerts.self, Audit.self,
            ConfigurationCommand.self,
            Status.self, Backup.self, Restore.self, SandboxCommand.self,
        ])

    /// Runs the command of the command line and ends the process with an `ExitStatus`.
    ///
    /// - Note: ArgumentParser's own `main` would end with 64 for wrong usage.
    static func main() async {
        // The process has one thread here, as the call requires.
        EventLoop.limitHeaps(to: GatewayProcess.loopCount)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    private static func end(_ error: any Error) -> Never {
        if let failure = error as? Failure {
            complain(failure.message)
            Foundation.exit(failure.status.rawValue)
        }
        if exitCode(for: error) == .validationFailure {
            let mistyped = CommandSuggestion.error(in: Array(CommandLine.arguments.dropFirst()), of: Self.self)
            complain(mistyped.map { "error: \($0)" } ?? Failure.inStyle(fullMessage(for: error)))
            Foundation.exit(ExitStatus.wrongUsage.rawValue)
        }
        // Help, the version, shell completions, exit codes of commands.
        exit(withError: error)
    }
}

/// The program's version.
enum Version {
    /// The text of `propylon --version`.
    static let text = "0.1.0"
}
