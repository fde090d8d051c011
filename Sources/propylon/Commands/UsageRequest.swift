import ArgumentParser
import Clocks
import Policy
import Settings
import Store

/// `propylon usage request`
struct UsageRequest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Show one request as the ledger has it, whole.",
        discussion: """
            The id is the gateway's, which clients get as x-request-id and the access log has as request_id, or the upstream's, \
            as the id of a completion. Times are in the configured time zone, in JSON in UTC. Exit status 1 if the ledger has no such request.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "The id of the request, the gateway's or the upstream's.")
    var id: String

    @Flag(help: "Write JSON.")
    var json = false

    func run() throws {
        try KeyContext.read(option) { context in
            let ledger = context.map { UsageRows($0.database) }
            let rows = try ledger?.rows(withID: id) ?? []
            guard let context, let ledger, !rows.isEmpty else {
                throw Failure(
                    "the ledger has no request \"\(id)\"; a request appears at its end, and those older than "
                        + "metering.retention are folded into daily totals")
            }
            let values = try RowColumn.Context(
                ledger, context.configuration, time: json ? .utc : context.time)
            let texts = rows.map { row in
                RowColumn.all.map { (name: $0.name, value: $0.value(row, values)) }
            }
            print(
                json ? JSONText.array(texts.map(JSONText.object)).text : texts.map(Self.text).joined(separator: "\n"),
                terminator: json ? "\n" : "")
        }
    }

    /// One line for each column that has a value.
    private static func text(_ columns: [(name: String, value: JSONText)]) -> String {
        var table = TextTable([("FIELD", .left), ("VALUE", .left)])
        for (name, value) in columns where !value.plain.isEmpty { table.add([name, value.plain]) }
        return table.text
    }
}
