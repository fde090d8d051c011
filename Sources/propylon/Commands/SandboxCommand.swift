import ArgumentParser
import Glibc
import Sandbox
import Settings
import Transport
import UnixSignals

/// `propylon sandbox`
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run the simulated upstream alone: every endpoint, deterministic token counts, faults on request.")

    @Option(help: "Address to listen on.")
    var listen = ListenAddress(host: "127.0.0.1", port: 8090)

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let server: SandboxServer
        do {
            server = try SandboxServer(listening: SocketAddress(listen), on: [EventLoop(name: "propylon.sandbox")])
        } catch { throw Failure(error) }
        say("The simulated upstream listens on http://\(server.address)/v1")
        for await _ in signals { return }
    }
}
