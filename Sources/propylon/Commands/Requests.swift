import Admin
import ArgumentParser
import Foundation

/// `propylon requests`
struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the requests that the running gateway serves now, or end one.",
        subcommands: [RequestsShow.self, RequestsCancel.self], defaultSubcommand: RequestsShow.self)
}

/// `propylon requests`, without a subcommand
struct RequestsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the requests in flight, the oldest first.",
        discussion: """
            States: reading (body and rights), waiting (for room in its limits), connecting, sent (no response yet), answering, \
            streaming, draining (its client has left), tunnel (a WebSocket). Tokens are those of the output so far, an \
            estimate until the upstream states them.
            """)

    @OptionGroup var option: ConfigurationOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let page = try await AdminCall(option.load(for: .gateway)).runningPage("/admin/v1/requests")
        let report = try JSONDecoder().decode(RequestsReport.self, from: Data(page))
        print(json ? String(decoding: report.json, as: UTF8.self) + "\n" : report.text, terminator: "")
    }
}

/// `propylon requests cancel`
struct RequestsCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a request in flight. What the upstream has produced is billed.",
        discussion: """
            The client gets the error request_cancelled, in a stream as its last event. The audit log names who ended it.
            """)

    @OptionGroup var option: ConfigurationOption

    @Argument(help: "Id of the request, x-request-id, or the end of it as propylon requests shows it.")
    var id: String

    func run() async throws {
        let page = try await AdminCall(option.load(for: .gateway))
            .runningPage(Self.path(id), method: "DELETE", needs: .admin)
        let request = try JSONDecoder().decode(RequestsReport.Request.self, from: Data(page))
        print("cancelled \(request.id)")
    }

    /// The path of the request `id`.
    static func path(_ id: String) -> String { AdminCall.path("/admin/v1/requests/", id) }
}
