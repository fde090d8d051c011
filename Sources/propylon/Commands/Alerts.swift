import ArgumentParser
import Clocks
import Policy
import Store
import Transport

/// `propylon alerts`
struct Alerts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the alerts that wait for delivery, and send tests.",
        subcommands: [Show.self, Test.self], defaultSubcommand: Show.self)
}

extension Alerts {
    /// `propylon alerts show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show each recipient with the alerts that wait and the last error (the default).",
            discussion:
                "Recipients are those of the gateway's last start or reload; webhooks are numbered as in the file.")

        @OptionGroup var option: ConfigurationOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let configuration = try option.load(for: .ledger)
            do throws(LedgerError) {
                let database = try configuration.readLedger()
                defer { database?.close() }
                let text = AlertText(configuration.timeText)
                let pending = try database?.pendingAlerts() ?? []
                print(json ? text.json(pending).text + "\n" : text.table(pending), terminator: "")
            } catch { throw Failure(error) }
        }
    }

    /// `propylon alerts test`
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a test now, from this command, and print what each recipient answers.",
            discussion:
                "The kind of the event is alerts.test, whatever `events` says. Exit status 1 if one does not take it.")

        @OptionGroup var option: ConfigurationOption

        @Option(help: ArgumentHelp("Only this webhook; the first one is 1.", valueName: "number"))
        var webhook: Int?

        func run() async throws {
            let configuration = try option.load(for: .alerts)
            let routes = try AlertRoute.all(
                of: configuration, on: EventLoop(name: "propylon.alerts"), time: .system
            ).filter { route in webhook.map { route.recipient.name == "webhook \($0)" } ?? true }
            guard !routes.isEmpty else {
                let count = configuration.alerts.webhooks.count
                throw Failure(
                    webhook.map { "there is no webhook \($0); alerts.webhooks has \(count)" }
                        ?? "there is no recipient of alerts; add one to alerts.webhooks or alerts.email")
            }
            let message = AlertMessage(testAt: .now, from: AlertMessage.Origin(configuration))
            let outcomes = await Self.send(message, to: routes)
            for (route, outcome) in zip(routes, outcomes) { print("\(route.recipient.name): \(outcome.text)") }
            if !outcomes.allSatisfy(\.isDelivered) { throw ExitCode(ExitStatus.failed.rawValue) }
        }

        /// Sends to all at once. Returns the outcomes in the order of `routes`.
        private static func send(_ message: AlertMessage, to routes: [AlertRoute]) async -> [AlertOutcome] {
            let attempts = routes.map { route in Task { await route.channel.deliver(message) } }
            var outcomes: [AlertOutcome] = []
            for attempt in attempts { outcomes.append(await attempt.value) }
            return outcomes
        }
    }
}
