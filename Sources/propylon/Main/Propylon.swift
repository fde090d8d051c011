import ArgumentParser

/// The program: a name for each thing that it does.
@main
struct Propylon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propylon",
        abstract: "A local gateway in front of Cloud Temple's LLMaaS API: keys, tiers and usage for OpenAI clients.",
        version: Version.text,
        subcommands: [
            Serve.self, Keys.self, Usage.self, Limits.self, ConfigurationCommand.self, Status.self, SandboxCommand.self,
        ])
}

/// The program's version.
enum Version {
    /// As in `propylon --version`.
    static let text = "0.1.0"
}
