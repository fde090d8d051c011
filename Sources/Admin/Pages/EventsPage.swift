import HTTPServer
import Transport

/// `/admin/v1/events`: a page of events, or a stream of those to come for a client that accepts `text/event-stream`.
struct EventsPage: Sendable {
    /// The pause between two looks for new events.
    private static let pause = Duration.seconds(1)
    /// Looks without an event after which a comment tells the client that the gateway lives.
    private static let looksOfSilence = 15

    /// The most events of a page where the client does not say.
    static let usualLimit = 100

    let events: any EventsReporting

    /// Responds to `request`, until the client leaves where it wants a stream.
    func respond(_ request: AdminRequest, _ exchange: ServerExchange) async throws(ExchangeError) {
        let after = request.query["after"].flatMap { Int64($0) }
        let limit = request.integer("limit") ?? Self.usualLimit
        if Self.isStream(request, exchange) {
            try await follow(exchange, after: after, limit: limit)
        } else {
            let report = await read(after: after, limit: limit)
            try await exchange.respond(report.map { .json($0.json) } ?? Self.unreadable)
        }
    }

    private static var unreadable: ServerResponse {
        AdminProblem(
            503, "store_unavailable", "the ledger cannot be read; see the log", type: "service_unavailable_error"
        ).response()
    }

    private func read(after: Int64?, limit: Int) async -> EventsReport? {
        await AdminWork.look.run { [events] in events.events(after: after, limit: limit) }
    }

    /// Returns true for a client that wants a stream. HEAD has none, since a stream has no end.
    private static func isStream(_ request: AdminRequest, _ exchange: ServerExchange) -> Bool {
        guard exchange.head.fields.equals(exchange.head.method, "get") else { return false }
        return (request.accept ?? "").split(separator: ",").contains {
            $0.split(separator: ";").first?.lowercased().filter { $0 != " " } == "text/event-stream"
        }
    }

    /// Sends each new event until the client leaves, from the one after `last-event-id` or the number `after` on.
    private func follow(_ exchange: ServerExchange, after: Int64?, limit: Int) async throws(ExchangeError) {
        let head = exchange.head
        let lastID = head.fields.first("last-event-id").flatMap { Int64(head.fields.string($0)) }
        var cursor: Int64
        if let known = lastID ?? after { cursor = known } else { cursor = await read(after: nil, limit: 1)?.next ?? 0 }
        exchange.start(status: 200, length: .unknown) { writer in
            writer.field("content-type", "text/event-stream")
            writer.field("cache-control", "no-store")
        }
        try exchange.push()
        var silence = 0
        repeat {
            let report = await read(after: cursor, limit: limit)
            for event in report?.events ?? [] { exchange.write(event.serverSent) }
            cursor = report?.next ?? cursor
            silence = report?.events.isEmpty == false ? 0 : silence + 1
            if silence % Self.looksOfSilence == 1 { exchange.write(Array(": no events\n\n".utf8)) }
            try await exchange.flush()
        } while await exchange.pause(for: Self.pause)
    }
}

extension EventsReport.Entry {
    /// The event as one of a stream: its number is its id, so that a client that reconnects misses none.
    fileprivate var serverSent: [UInt8] {
        Array("id: \(number)\nevent: \(kind)\ndata: ".utf8) + line + Array("\n\n".utf8)
    }
}
