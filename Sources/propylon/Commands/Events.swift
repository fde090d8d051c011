import Admin
import ArgumentParser
import Clocks
import Foundation
import Policy
import Store

/// `propylon events`
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened: changes of state, refusals and upstream failures, with their causes.",
        discussion: """
            The oldest event comes first. Times are in the configured time zone. --since takes a time as propylon usage does. \
            config/events.md lists all kinds and causes.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(help: "Only events from this time on.")
    var since: String?

    @Option(help: "The most events, the newest ones.")
    var limit = 100

    @Flag(help: "Go on with each new event, until the command is interrupted.")
    var follow = false

    @Flag(help: "Write JSON, one object a line.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 100000") }
    }

    func run() async throws {
        let configuration = try option.load(for: .ledger)
        let time = configuration.timeText
        do {
            let moment = try since.map { text throws(TimeText.Problem) in try time.past(text, now: .now) }
            guard let database = try configuration.readLedger() else {
                if follow {
                    throw Failure("there is no ledger in \(configuration.dataFolder) yet; start propylon serve first")
                }
                return
            }
            defer { database.close() }
            try await show(database, since: moment, time)
        } catch let error as LedgerError {
            throw Failure(error)
        } catch let problem as TimeText.Problem {
            throw Failure(problem, status: .wrongUsage)
        }
    }

    private func show(_ database: LedgerDatabase, since moment: Timestamp?, _ time: TimeText) async throws {
        var events = try database.events(after: nil, since: moment, limit: limit)
        write(events, time)
        // Numbers begin at 1, and events before `since` have lower ones.
        var cursor = try events.last?.number ?? database.events(after: nil, limit: 1).last?.number ?? 0
        while follow {
            try await Task.sleep(for: .milliseconds(500))
            events = try database.events(after: cursor, limit: 1000)
            write(events, time)
            cursor = events.last?.number ?? cursor
        }
    }

    private func write(_ events: [NumberedEvent], _ time: TimeText) {
        for event in events {
            print(json ? String(decoding: EventsReport.Entry(event).line, as: UTF8.self) : event.text(time))
        }
        fflush(nil)
    }
}
