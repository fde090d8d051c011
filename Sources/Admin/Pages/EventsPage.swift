import HTTP1
import HTTPServer
import Transport

/// `/admin/v1/events`: a page of events, or a stream of those to come for a client that accepts `text/event-stream`.
struct EventsPage {
    /// The pause between two looks for new events.
    private static let pause = Duration.seconds(1)
    /// Looks without an event after which a comment tells the client that the gateway lives.
    private static let looksOfSilence = 15

    let events: any EventsReporting

    /// The page that `head` asks for.
    func response(to head: RequestHead) -> ServerResponse {
        do throws(EventsQuery.Problem) {
            let query = try EventsQuery(head.query.map { head.fields.string($0) } ?? "")
            guard let report = events.events(after: query.after, limit: query.limit) else {
                return .text(503, "the ledger cannot be read; see the log")
            }
            return .json(report.json)
        } catch { return .text(400, error.message) }
    }

    /// Returns true for a client that wants a stream.
    static func isStream(_ head: RequestHead) -> Bool {
        guard head.fields.equals(head.method, "get"), let accept = head.fields.first("accept") else { return false }
        return head.fields.string(accept).split(separator: ",").contains {
            $0.split(separator: ";").first?.lowercased().filter { $0 != " " } == "text/event-stream"
        }
    }

    /// Sends each new event until the client leaves, from the one after `last-event-id` or the parameter `after` on.
    func follow(_ exchange: ServerExchange) async throws(ExchangeError) {
        let head = exchange.head
        let query: EventsQuery
        do throws(EventsQuery.Problem) {
            query = try EventsQuery(head.query.map { head.fields.string($0) } ?? "")
        } catch { return try await exchange.respond(.text(400, error.message)) }
        let lastID = head.fields.first("last-event-id").flatMap { Int64(head.fields.string($0)) }
        var cursor = lastID ?? query.after ?? events.events(after: nil, limit: 1)?.next ?? 0
        exchange.start(status: 200, length: .unknown) { writer in
            writer.field("content-type", "text/event-stream")
            writer.field("cache-control", "no-store")
        }
        var silence = 0
        repeat {
            let report = events.events(after: cursor, limit: query.limit)
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
